import { initTRPC } from '@trpc/server';
import type { Principal, Scope } from '../principal.js';
import { holdsScope, requireScope } from '../principal.js';
import { errorShape } from './error-shape.js';
import { transformer } from './input-transformer.js';
import type { PageTurns } from './page-turns.js';
import type { Subscriber } from './subscriber.js';

/** What every procedure knows of its caller, who was authenticated before the procedure was looked up. */
export interface TrpcContext {
  readonly principal: Principal;
  /** Called before each procedure; rejects where the caller has made too many calls in this minute. */
  readonly meter?: (() => Promise<void>) | undefined;
  /** Called where the caller's scopes do not allow a procedure. */
  readonly onForbidden?: ((procedure: string) => void) | undefined;
  /** In which log pages are read. */
  readonly pages?: PageTurns | undefined;
  /** Over HTTP there is none. */
  readonly subscriber?: Subscriber | undefined;
}

const t = initTRPC.context<TrpcContext>().create({
  transformer,
  /** A development build would send stacks. */
  isDev: false,
  /** Subscriptions are for the WebSocket: as an event stream tRPC would answer a refusal with status 200. */
  sse: { enabled: false },
  errorFormatter: ({ error, path, input }) => errorShape({ error, path, input }),
});

export const router = t.router;

/** A procedure for callers that hold the scope. */
export function procedureFor(scope: Scope) {
  return t.procedure.use(async ({ ctx, next, path }) => {
    await ctx.meter?.();
    if (!holdsScope(ctx.principal, scope)) ctx.onForbidden?.(path);
    requireScope(ctx.principal, scope);
    return next();
  });
}
