import type { inferRouterError, inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import type { AppRouter } from '@launchlog/server/trpc/router';

export type { AppRouter } from '@launchlog/server/trpc/router';
/** Inputs by group and procedure: `RouterInputs['nodes']['launch']`. */
export type RouterInputs = inferRouterInputs<AppRouter>;
/** Outputs by group and procedure: `RouterOutputs['nodes']['list']`. */
export type RouterOutputs = inferRouterOutputs<AppRouter>;
/** What a failed call carries: `error.shape`, whose `data.code` is Launchlog's own code. */
export type RouterError = inferRouterError<AppRouter>;
