import { initTRPC } from '@trpc/server';
import type { SeenRequest } from '../doctor/seen-request.js';
import { accessTo, tabledProcedures } from '../edge/access-table.js';
import type { ProcedureName } from '../edge/access-table.js';
import type { Principal } from '../principal.js';
import { errorShape } from './error-shape.js';
import { transformer } from './input-transformer.js';
import type { LogPageQueue } from './log-page-queue.js';
import type { OutputParts } from './output/output-parts.js';
import type { Subscriber } from './subscriber.js';

/** The context of every procedure. The caller is authenticated before the procedure is looked up. */
export interface TrpcContext {
  readonly principal: Principal;
  /** How the request arrived. Undefined on a socket. */
  readonly seen?: SeenRequest | undefined;
  /** The header of the request. Undefined on a socket. */
  readonly traceparent?: string | undefined;
  /** Called before each procedure; throws if the caller may not call it. */
  readonly authorize: (procedure: ProcedureName) => void;
  /** Called before each procedure; rejects if the caller has made too many calls in this minute. */
  readonly meter?: (() => Promise<void>) | undefined;
  /** Runs a read that scans when it is the caller's turn. Undefined for subscriptions, which do not scan. */
  readonly runHeavyRead?: (<Result>(read: () => Promise<Result>) => Promise<Result>) | undefined;
  /** Reads log pages one at a time. */
  readonly pages?: LogPageQueue | undefined;
  /** Renders the lists of outputs apart. Undefined for subscriptions. */
  readonly parts?: OutputParts | undefined;
  /** Undefined over HTTP. */
  readonly subscriber?: Subscriber | undefined;
}

/** What a subscription resolves to where a socket serves it by itself: `LogStream`, `MergedLogStream` or `NodeWatchStream`. */
export type Attachment = 'log' | 'merged' | 'watch';

const t = initTRPC
  .context<TrpcContext>()
  .meta<{
    /** The procedure's row in the access table. */
    readonly name: string;
    readonly attached?: Attachment;
  }>()
  .create({
    transformer,
    /** In a development build tRPC would send stack traces. */
    isDev: false,
    /** We serve event streams ourselves: tRPC would answer a refusal with status 200. See decision 156. */
    sse: { enabled: false },
    errorFormatter: ({ error, path, input }) => errorShape({ error, path, input }),
  });

export const router = t.router;

/**
 * The builder of a procedure. It counts the call, checks its scope and, for a heavy read, waits for its turn, as the
 * procedure's row in the access table states.
 */
export function procedureFor(name: ProcedureName, attached?: Attachment) {
  const { limit } = accessTo(name);
  return t.procedure
    .meta({ name, ...(attached !== undefined && { attached }) })
    .use(async ({ ctx, next }) => {
      await ctx.meter?.();
      ctx.authorize(name);
      const { parts, runHeavyRead } = ctx;
      const called = await (limit === 'heavy_reads' && runHeavyRead !== undefined
        ? runHeavyRead(() => next())
        : next());
      return called.ok && parts !== undefined ? { ...called, data: await parts.hold(called.data) } : called;
    });
}

interface RegisteredProcedure {
  /** Its path in the router, such as `nodes.launch`. */
  readonly path: string;
  readonly type: 'query' | 'mutation' | 'subscription';
  /** Its row in the access table; undefined for one that has no guard. */
  readonly name: string | undefined;
}

interface AnyRouter {
  readonly _def: { readonly procedures: object };
}

interface ProcedureDefinition {
  readonly type: RegisteredProcedure['type'];
  readonly meta?: { readonly name: string; readonly attached?: Attachment };
}

/** tRPC keeps the procedures by path at run time; its types do not show that. */
function definitionsOf(
  appRouter: AnyRouter,
): Readonly<Record<string, { readonly _def: ProcedureDefinition }>> {
  return appRouter._def.procedures as Readonly<Record<string, { readonly _def: ProcedureDefinition }>>;
}

export function registeredProcedures(appRouter: AnyRouter): RegisteredProcedure[] {
  return Object.entries(definitionsOf(appRouter)).map(([path, { _def }]) => ({
    path,
    type: _def.type,
    name: _def.meta?.name,
  }));
}

/** How a socket serves the subscription at this path by itself; undefined where tRPC's own adapter serves it. */
export function attachmentOf(appRouter: AnyRouter, path: string): Attachment | undefined {
  const definitions = definitionsOf(appRouter);
  return Object.hasOwn(definitions, path) ? definitions[path]?._def.meta?.attached : undefined;
}

/** Throws if a procedure is guarded by another row than its own, or if a row has no procedure. */
export function requireTableMatches(procedures: readonly RegisteredProcedure[]): void {
  const misguarded = procedures.filter(({ path, name }) => path !== name).map(({ path }) => path);
  if (misguarded.length > 0) throw new Error(`not guarded by their own row: ${misguarded.join(', ')}`);
  const paths = new Set(procedures.map(({ path }) => path));
  const missing = tabledProcedures().filter((name) => !paths.has(name));
  if (missing.length > 0) {
    throw new Error(`in the access table, but not in the router: ${missing.join(', ')}`);
  }
}
