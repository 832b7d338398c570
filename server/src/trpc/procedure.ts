import { initTRPC } from '@trpc/server';
import { accessTo, tabledProcedures } from '../edge/access-table.js';
import type { ProcedureName } from '../edge/access-table.js';
import type { Principal } from '../principal.js';
import { errorShape } from './error-shape.js';
import { transformer } from './input-transformer.js';
import type { PageTurns } from './page-turns.js';
import type { Subscriber } from './subscriber.js';

/** What every procedure knows of its caller, who was authenticated before the procedure was looked up. */
export interface TrpcContext {
  readonly principal: Principal;
  /** Called before each procedure; throws where the caller may not call it. */
  readonly authorize: (procedure: ProcedureName) => void;
  /** Called before each procedure; rejects where the caller has made too many calls in this minute. */
  readonly meter?: (() => Promise<void>) | undefined;
  /** Reads log pages one at a time. */
  readonly pages?: PageTurns | undefined;
  /** Undefined over HTTP. */
  readonly subscriber?: Subscriber | undefined;
}

const t = initTRPC
  .context<TrpcContext>()
  /** The name of the procedure's row in the access table. */
  .meta<{ readonly name: string }>()
  .create({
    transformer,
    /** A development build would send stacks. */
    isDev: false,
    /** Subscriptions are for the WebSocket: as an event stream tRPC would answer a refusal with status 200. */
    sse: { enabled: false },
    errorFormatter: ({ error, path, input }) => errorShape({ error, path, input }),
  });

export const router = t.router;

/** The builder of a procedure, guarded as its row in the access table says. */
export function procedureFor(name: ProcedureName) {
  accessTo(name);
  return t.procedure.meta({ name }).use(async ({ ctx, next }) => {
    await ctx.meter?.();
    ctx.authorize(name);
    return next();
  });
}

export interface RegisteredProcedure {
  /** Where the router has it. */
  readonly path: string;
  readonly type: 'query' | 'mutation' | 'subscription';
  /** Its row in the access table; undefined for one that has no guard. */
  readonly name: string | undefined;
}

/** The procedures of a router. At run time tRPC keeps them by path, which its types do not say. */
export function registeredProcedures(of: {
  readonly _def: { readonly procedures: object };
}): RegisteredProcedure[] {
  const procedures = of._def.procedures as Readonly<
    Record<
      string,
      {
        readonly _def: {
          readonly type: RegisteredProcedure['type'];
          readonly meta?: { readonly name: string };
        };
      }
    >
  >;
  return Object.entries(procedures).map(([path, { _def }]) => ({
    path,
    type: _def.type,
    name: _def.meta?.name,
  }));
}

/** Throws where a procedure is guarded by another row than its own, and where a row has no procedure. */
export function requireTabled(procedures: readonly RegisteredProcedure[]): void {
  const misplaced = procedures.filter(({ path, name }) => path !== name).map(({ path }) => path);
  if (misplaced.length > 0) throw new Error(`not guarded by their own row: ${misplaced.join(', ')}`);
  const paths = new Set(procedures.map(({ path }) => path));
  const missing = tabledProcedures().filter((name) => !paths.has(name));
  if (missing.length > 0)
    throw new Error(`in the access table, but not in the router: ${missing.join(', ')}`);
}
