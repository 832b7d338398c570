import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import type { AppRouter } from '@launchlog/server/trpc/router';

type Inputs = inferRouterInputs<AppRouter>;
type Outputs = inferRouterOutputs<AppRouter>;

/** `nodes.list`, `tokens.revoke` and so on. */
export type ProcedurePath = {
  [Group in keyof Outputs]: `${Group}.${keyof Outputs[Group] & string}`;
}[keyof Outputs];

export type InputOf<Path extends ProcedurePath> = At<Inputs, Path>;
export type OutputOf<Path extends ProcedurePath> = At<Outputs, Path>;

type At<Router, Path> = Path extends `${infer Group}.${infer Name}`
  ? Group extends keyof Router
    ? Name extends keyof Router[Group]
      ? Router[Group][Name]
      : never
    : never
  : never;
