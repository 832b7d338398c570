import type { SQL } from 'drizzle-orm';
import { and, asc, count, desc, eq, gte, inArray, isNull, or, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Node } from '@launchlog/shared/node';
import type { Clock } from '../clock.js';
import { SqlColumns } from '../database/sql-columns.js';
import type { SqlDatabase } from '../database/sql-database.js';
import { answerOf, queriesOf } from '../database/sql-queries.js';
import type { SqlQueries } from '../database/sql-queries.js';
import type { NodeOwner } from '../node-owner.js';
import type { TraceLink } from '../trace-context.js';
import type { ChangeCursor, ChangeStore, JoinedQuery, NodeBirth } from './change-store.js';
import { nodeOf } from './node-row.js';
import { nodeTable } from './node-table.js';
import type { NodeRow } from './node-table.js';

const NOW = new SqlColumns(z.object({ nowMs: z.number() }), {
  nowMs: 'floor(extract(epoch from now()) * 1000)::float8',
});

const IDS = new SqlColumns(z.object({ id: z.string() }), { id: 'id::text' });

interface ChangeStoreOptions {
  readonly database: SqlDatabase;
  readonly clock: Clock;
  /** Where people see the traces of nodes. */
  readonly traceLink?: TraceLink | undefined;
}

/** Changes of the registry in PostgreSQL, embedded or not. The migrations must have run. */
export class SqlChangeStore implements ChangeStore {
  readonly #database: SqlDatabase;
  readonly #queries: SqlQueries;
  readonly #clock: Clock;
  readonly #traceLink: TraceLink | undefined;

  constructor(options: ChangeStoreOptions) {
    this.#database = options.database;
    this.#queries = queriesOf(options.database);
    this.#clock = options.clock;
    this.#traceLink = options.traceLink;
  }

  async now(): Promise<number> {
    const row = await NOW.first(this.#database, `select ${NOW.list}`, []);
    return row?.nowMs ?? Number.NaN;
  }

  changedSince({ changedAtMs, afterId }: ChangeCursor, limit: number): Promise<readonly Node[]> {
    const changedAt = new Date(changedAtMs);
    const later =
      afterId === undefined
        ? gte(nodeTable.updatedAt, changedAt)
        : sql`(${nodeTable.updatedAt}, ${nodeTable.id}) > (${changedAt.toISOString()}::timestamptz, ${afterId}::uuid)`;
    return this.#nodes(this.#select(later).orderBy(asc(nodeTable.updatedAt), asc(nodeTable.id)).limit(limit));
  }

  joined(scope: NodeOwner, query: JoinedQuery): Promise<readonly NodeBirth[]> {
    const oldestFirst = this.#births(isJoined(scope, query)).orderBy(
      asc(nodeTable.createdAt),
      asc(nodeTable.id),
    );
    return bornNodes(oldestFirst.limit(query.limit));
  }

  async countJoined(scope: NodeOwner, query: Omit<JoinedQuery, 'limit'>): Promise<number> {
    const counted = this.#queries.select({ nodes: count() }).from(nodeTable).where(isJoined(scope, query));
    const [row] = await answerOf(counted);
    return Number(row?.nodes ?? 0);
  }

  endedSince(scope: NodeOwner, endedSinceMs: number, limit: number): Promise<readonly NodeBirth[]> {
    const where = and(inScope(scope), gte(nodeTable.endedAt, new Date(endedSinceMs)));
    return bornNodes(this.#births(where).orderBy(desc(nodeTable.endedAt)).limit(limit));
  }

  async among(scope: NodeOwner, ids: readonly string[]): Promise<readonly NodeBirth[]> {
    if (ids.length === 0) return [];
    return bornNodes(this.#births(and(inScope(scope), inArray(nodeTable.id, [...ids]))));
  }

  #select(where: SQL | undefined) {
    return this.#queries.select().from(nodeTable).where(where);
  }

  #births(where: SQL | undefined) {
    const { id, createdAt } = nodeTable;
    return this.#queries.select({ id, createdAt }).from(nodeTable).where(where);
  }

  async endedAmong(ids: readonly string[]): Promise<readonly string[]> {
    const rows = await IDS.all(
      this.#database,
      `select ${IDS.list} from nodes
       where id in (select value::uuid from jsonb_array_elements_text($1::jsonb))
         and status in ('active', 'failed', 'terminated')`,
      [JSON.stringify(ids)],
    );
    return rows.map(({ id }) => id);
  }

  async #nodes(query: PromiseLike<NodeRow[]>): Promise<readonly Node[]> {
    const rows = await answerOf(query);
    return rows.map((row) => nodeOf(row, this.#clock.now(), this.#traceLink));
  }
}

async function bornNodes(
  query: PromiseLike<Pick<NodeRow, 'id' | 'createdAt'>[]>,
): Promise<readonly NodeBirth[]> {
  const rows = await answerOf(query);
  return rows.map(({ id, createdAt }) => ({ id, createdAt: createdAt.toISOString() }));
}

function inScope({ deploymentId, tenantId }: NodeOwner): SQL | undefined {
  return and(
    deploymentId === undefined ? undefined : eq(nodeTable.deploymentId, deploymentId),
    tenantId === undefined ? undefined : eq(nodeTable.tenantId, tenantId),
  );
}

function isJoined(
  scope: NodeOwner,
  { createdSinceMs, endedSinceMs }: Omit<JoinedQuery, 'limit'>,
): SQL | undefined {
  return and(
    inScope(scope),
    gte(nodeTable.createdAt, new Date(createdSinceMs)),
    or(isNull(nodeTable.endedAt), gte(nodeTable.endedAt, new Date(endedSinceMs))),
  );
}
