import { ANY, firstChoice } from '@launchlog/shared/launch-choice';
import type { SQL } from 'drizzle-orm';
import { and, eq, inArray, isNotNull, isNull, or, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Node, NodeListQuery, NodePage } from '@launchlog/shared/node';
import { PHASES, phaseSchema } from '@launchlog/shared/phase';
import type { Clock } from '../clock.js';
import { SqlColumns } from '../database/sql-columns.js';
import type { SqlDatabase } from '../database/sql-database.js';
import { SqlStatementError } from '../database/sql-database.js';
import { answerOf, queriesOf } from '../database/sql-queries.js';
import type { SqlQueries } from '../database/sql-queries.js';
import type { TraceLink } from '../trace-context.js';
import { SharedReads } from '../wait/shared-reads.js';
import type { NodeRecord } from './node-record.js';
import { nodeOf, recordOf, TASK_MARK } from './node-row.js';
import type { CreateReply, LaunchKind, NewNode, NodeStore, PhaseStatistics } from './node-store.js';
import type { NodeRow, NodeRowChanges } from './node-table.js';
import { nodeTable } from './node-table.js';
import { SqlNodeListing } from './sql-node-listing.js';
import { NODE_WORDS } from './word/node-words.js';
import { isHeavyList } from './page/heavy-list.js';

/** A forecast is made from the latest launches only, because clouds change. */
const FORECAST_LAUNCHES_MAX = 200;
/** The SQLSTATE that the trigger raises. See decision 134. */
const NOT_DUE = 'LL001';
const UUID_PATTERN = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const PHASE_STATISTICS = new SqlColumns(
  z.object({ phase: phaseSchema, samples: z.int(), medianSeconds: z.number(), p95Seconds: z.number() }),
  {
    phase: 'phase',
    samples: 'count(*)::int',
    medianSeconds: 'percentile_cont(0.5) within group (order by seconds::float8)',
    p95Seconds: 'percentile_cont(0.95) within group (order by seconds::float8)',
  },
);

/** A newer release may store others. */
const KNOWN_PHASES = PHASES.map((phase) => `'${phase}'`).join(', ');

interface SqlNodeStoreOptions {
  readonly database: SqlDatabase;
  readonly reads?: SqlDatabase;
  readonly scans?: SqlDatabase;
  readonly clock: Clock;
  /** Where people see the traces of nodes. */
  readonly traceLink?: TraceLink | undefined;
}

/** The registry in PostgreSQL, embedded or not. The migrations must have run. */
export class SqlNodeStore implements NodeStore {
  readonly #database: SqlDatabase;
  readonly #queries: SqlQueries;
  readonly #clock: Clock;
  readonly #traceLink: TraceLink | undefined;
  readonly #listing: SqlNodeListing;
  readonly #heavyListing: SqlNodeListing;
  /** Thousands of readers of one node may connect at once. */
  readonly #lookUps: SharedReads<NodeRow | undefined>;

  /** `reads` and `scans` are the lanes for reading on behalf of callers: what is short, and what may look at all nodes. */
  constructor({ database, reads = database, scans = reads, clock, traceLink }: SqlNodeStoreOptions) {
    this.#database = database;
    this.#queries = queriesOf(database);
    this.#clock = clock;
    this.#traceLink = traceLink;
    this.#listing = new SqlNodeListing({ database: reads, clock, traceLink });
    this.#heavyListing = new SqlNodeListing({ database: scans, clock, traceLink });
    const byId = lookUp(queriesOf(reads), nodeTable.id);
    const byClusterName = lookUp(queriesOf(reads), nodeTable.clusterName);
    this.#lookUps = new SharedReads(async (name) => {
      const [row] = await answerOf((UUID_PATTERN.test(name) ? byId : byClusterName).execute({ name }));
      return row;
    });
  }

  async create(node: NewNode): Promise<CreateReply> {
    const insert = this.#queries.insert(nodeTable).values(insertedValues(node));
    const inserted = answerOf(insert.onConflictDoNothing().returning());
    const [created] = await inserted.catch(refusedRows);
    if (created === 'not_due') return { kind: created };
    if (created !== undefined && 'running' in created) return { kind: 'over_budget', ...created };
    if (created !== undefined) return { kind: 'created', node: this.#node(created) };
    if (node.idempotency !== undefined) {
      const sameKey = and(
        eq(nodeTable.createdBy, node.createdBy),
        eq(nodeTable.idempotencyKey, node.idempotency.key),
      );
      const first = await this.#first(sameKey);
      if (first?.requestHash === node.idempotency.requestHash) {
        return { kind: 'replayed', node: this.#node(first) };
      }
      if (first !== undefined) return { kind: 'mismatch' };
    }
    const sameId = await this.#first(eq(nodeTable.id, node.id));
    return { kind: sameId === undefined ? 'cluster_name_taken' : 'id_taken' };
  }

  async find(idOrClusterName: string): Promise<NodeRecord | undefined> {
    const isId = UUID_PATTERN.test(idOrClusterName);
    const row = await this.#lookUps.of(isId ? idOrClusterName.toLowerCase() : idOrClusterName);
    if (row === undefined) return undefined;
    NODE_WORDS.look(this.#database.words, row.id, row);
    return recordOf(row, this.#clock.now(), this.#traceLink);
  }

  list(query: NodeListQuery): Promise<NodePage> {
    return (isHeavyList(query) ? this.#heavyListing : this.#listing).page(query);
  }

  requestCancel(id: string, by?: string): Promise<Node | undefined> {
    return this.#change(
      and(eq(nodeTable.id, id), eq(nodeTable.status, 'launching'), isNull(nodeTable.endedAt)),
      {
        cancelRequestedAt: sql`coalesce(${nodeTable.cancelRequestedAt}, now())`,
        endedBy: sql`coalesce(${nodeTable.endedBy}, ${by ?? null})`,
      },
    );
  }

  requestTermination(id: string, by?: string): Promise<Node | undefined> {
    const may = inArray(nodeTable.status, ['launching', 'active', 'failed']);
    const launching = sql`${nodeTable.status} = 'launching'`;
    const { relaunchAt, status } = nodeTable;
    return this.#change(and(eq(nodeTable.id, id), or(may, isNotNull(relaunchAt))), {
      status: sql`case when ${status} in ('launching', 'terminated') then ${status} else 'terminating' end`,
      relaunchAt: null,
      cancelRequestedAt: sql`case when ${launching} then coalesce(${nodeTable.cancelRequestedAt}, now())
        else ${nodeTable.cancelRequestedAt} end`,
      terminateRequested: true,
      terminatedBy: sql`case when ${relaunchAt} is null then coalesce(${nodeTable.terminatedBy}, ${by ?? null})
        else coalesce(${by ?? null}, ${nodeTable.terminatedBy}) end`,
      endedBy: sql`case when ${launching} then coalesce(${nodeTable.endedBy}, ${by ?? null})
        else ${nodeTable.endedBy} end`,
      notBefore: null,
    });
  }

  phaseStatistics(of: LaunchKind): Promise<readonly PhaseStatistics[]> {
    return PHASE_STATISTICS.all(
      this.#database,
      `select ${PHASE_STATISTICS.list}
       from (
         select phase_seconds from nodes
         where provider = $1 and gpu_type = $2 and orchestrator = $3
           and ended_at is not null and failure_reason is null and jsonb_typeof(phase_seconds) = 'object'
         order by ended_at desc limit ${FORECAST_LAUNCHES_MAX}
       ) past, jsonb_each(phase_seconds) as each_phase(phase, seconds)
       where jsonb_typeof(seconds) = 'number' and seconds < '1000000000' and phase in (${KNOWN_PHASES})
       group by phase`,
      [of.provider, of.gpuType, of.orchestrator],
    );
  }

  async #change(where: SQL | undefined, changes: NodeRowChanges): Promise<Node | undefined> {
    const update = this.#queries.update(nodeTable).set({ ...changes, updatedAt: sql`now()` });
    const [row] = await answerOf(update.where(where).returning());
    return row === undefined ? undefined : this.#node(row);
  }

  async #first(where: SQL | undefined): Promise<NodeRow | undefined> {
    const [row] = await answerOf(this.#queries.select().from(nodeTable).where(where).limit(1));
    return row;
  }

  #node(row: NodeRow): Node {
    return nodeOf(row, this.#clock.now(), this.#traceLink);
  }
}

/** The SQLSTATE of a launch that a budget refuses, and what its message has. */
const OVER_BUDGET = 'LLB01';
const refusalSchema = z.object({ id: z.string(), running: z.number() });

/** Answers for a trigger, which refuses a relaunch that is not due, or a launch beyond a budget. */
function refusedRows(error: unknown): ['not_due' | z.output<typeof refusalSchema>] {
  if (!(error instanceof SqlStatementError)) throw error;
  if (error.code === NOT_DUE) return ['not_due'];
  if (error.code !== OVER_BUDGET) throw error;
  return [refusalSchema.parse(JSON.parse(error.message.slice(error.message.indexOf('{'))))];
}

/** Built once: each stream that is opened looks its node up, and building a statement costs as much as running it. */
function lookUp(queries: SqlQueries, column: typeof nodeTable.id | typeof nodeTable.clusterName) {
  const found = queries
    .select()
    .from(nodeTable)
    .where(eq(column, sql.placeholder('name')));
  return found.limit(1).prepare('node_by_name');
}

function insertedValues(node: NewNode): typeof nodeTable.$inferInsert {
  const { request, sealedSecrets, idempotency } = node;
  // The machine that is won replaces them.
  const first = firstChoice(request);
  return {
    id: node.id,
    clusterName: node.clusterName,
    provider: first.provider,
    region: first.region ?? ANY,
    gpuType: first.gpu,
    gpuCount: first.count,
    modelName: request.model,
    useSpot: first.spot,
    deploymentId: request.deploymentId ?? null,
    tenantId: request.tenantId ?? null,
    orchestrator: node.orchestrator,
    retryOf: node.retryOf ?? null,
    retryReason: node.origin?.reason ?? null,
    lineage: node.origin?.lineage ?? null,
    terminateAt: node.origin?.terminateAt ?? null,
    request,
    createdBy: node.createdBy,
    traceId: node.traceparent ?? null,
    reservedPerHour: node.reservedPerHour ?? null,
    idempotencyKey: idempotency?.key ?? null,
    requestHash: idempotency?.requestHash ?? null,
    secretNames: [...node.secretNames],
    sealedSecrets: sealedSecrets?.bytes ?? null,
    secretsKeyId: keyIdOf(node),
  };
}

/** Adds a mark, even without a key, if only servers that know tasks may launch it. */
function keyIdOf({ request, sealedSecrets }: NewNode): string | null {
  const keyId = sealedSecrets?.keyId ?? '';
  return `${keyId}${request.taskYaml === undefined ? '' : TASK_MARK}` || null;
}
