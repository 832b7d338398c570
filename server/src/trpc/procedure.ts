import { initTRPC } from '@trpc/server';
import type { SeenRequest } from '../doctor/seen-request.js';
import { accessTo, tabledProcedures } from '../edge/access-table.js';
import type { ProcedureName } from '../edge/access-table.js';
import type { Principal } from '../principal.js';
import { errorShape } from './error-shape.js';
import { transformer } from './input-transformer.js';
import type { LogPageQueue } from './log-page-queue.js';
import type { Subscriber } from './subscriber.js';

/** What every procedure knows of its caller, who was authenticated before the procedure was looked up. */
export interface TrpcContext {
  readonly principal: Principal;
  /** How the request arrived. Undefined on a socket. */
  readonly seen?: SeenRequest | undefined;
  /** The header of the request. Undefined on a socket. */
  readonly traceparent?: string | undefined;
  /** Called before each procedure; throws where the caller may not call it. */
  readonly authorize: (procedure: ProcedureName) => void;
  /** Called before each procedure; rejects where the caller has made too many calls in this minute. */
  readonly meter?: (() => Promise<void>) | undefined;
  /** Runs a read that scans when it is the caller's turn. Subscriptions do not scan. */
  readonly heavily?: (<Result>(read: () => Promise<Result>) => Promise<Result>) | undefined;
  /** Reads log pages one at a time. */
  readonly pages?: LogPageQueue | undefined;
  /** Undefined over HTTP. */
  readonly subscriber?: Subscriber | undefined;
}

/** A socket serves a subscription by itself that resolves to a `LogStream`, a `MergedLogStream` or a `NodeWatchStream`. */
type Attachment = 'log' | 'merged' | 'watch';

const t = initTRPC
  .context<TrpcContext>()
  .meta<{
    /** The procedure's row in the access table. */
    readonly name: string;
    readonly attached?: Attachment;
  }>()
  .create({
    transformer,
    /** A development build would send stacks. */
    isDev: false,
    /** Event streams are ours: tRPC would answer a refusal with status 200. */
    sse: { enabled: false },
    errorFormatter: ({ error, path, input }) => errorShape({ error, path, input }),
  });

export const router = t.router;

/** The builder of a procedure, guarded as its row in the access table says. */
export function procedureFor(name: ProcedureName, attached?: Attachment) {
  const { limit } = accessTo(name);
  return t.procedure
    .meta({ name, ...(attached !== undefined && { attached }) })
    .use(async ({ ctx, next }) => {
      await ctx.meter?.();
      ctx.authorize(name);
      return limit === 'heavy_reads' && ctx.heavily !== undefined ? ctx.heavily(() => next()) : next();
    });
}

interface RegisteredProcedure {
  /** Where the router has it. */
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

/** At run time tRPC keeps the procedures by path, which its types do not say. */
function definitionsOf(of: AnyRouter): Readonly<Record<string, { readonly _def: ProcedureDefinition }>> {
  return of._def.procedures as Readonly<Record<string, { readonly _def: ProcedureDefinition }>>;
}

export function registeredProcedures(of: AnyRouter): RegisteredProcedure[] {
  return Object.entries(definitionsOf(of)).map(([path, { _def }]) => ({
    path,
    type: _def.type,
    name: _def.meta?.name,
  }));
}

/** How a socket serves the subscription at the path; undefined where tRPC's own adapter does. */
export function attachmentOf(of: AnyRouter, path: string): Attachment | undefined {
  const definitions = definitionsOf(of);
  return Object.hasOwn(definitions, path) ? definitions[path]?._def.meta?.attached : undefined;
}

/** Throws where a procedure is guarded by another row than its own, and where a row has no procedure. */
export function requireTabled(procedures: readonly RegisteredProcedure[]): void {
  const misplaced = procedures.filter(({ path, name }) => path !== name).map(({ path }) => path);
  if (misplaced.length > 0) throw new Error(`not guarded by their own row: ${misplaced.join(', ')}`);
  const paths = new Set(procedures.map(({ path }) => path));
  const missing = tabledProcedures().filter((name) => !paths.has(name));
  if (missing.length > 0) {
    throw new Error(`in the access table, but not in the router: ${missing.join(', ')}`);
  }
}
