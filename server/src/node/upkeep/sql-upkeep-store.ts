import { desc, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Clock } from '../../clock.js';
import { SqlColumns } from '../../database/sql-columns.js';
import type { SqlDatabase } from '../../database/sql-database.js';
import type { SqlQueries } from '../../database/sql-queries.js';
import { answerOf, queriesOf } from '../../database/sql-queries.js';
import { recordOf, sealedOf, TASK_MARK } from '../node-row.js';
import type { NodeRow } from '../node-table.js';
import { nodeTable } from '../node-table.js';
import type { DueRelaunch, DueRequest, PastRelaunches, UpkeepStore } from './upkeep-store.js';

const ID = new SqlColumns(z.object({ id: z.string() }), { id: 'id' });
const PAST = new SqlColumns(
  z.object({ lastHourMs: z.array(z.number()), failedInARow: z.int(), nowMs: z.number() }),
  {
    lastHourMs: `coalesce(jsonb_agg(extract(epoch from created_at)::float8 * 1000 order by created_at)
      filter (where created_at > now() - interval '1 hour'), '[]')`,
    failedInARow: `count(*) filter (where failure_reason is not null and failure_reason <> 'no_capacity'
      and created_at > coalesce((select max(a.created_at) from nodes a where (a.lineage = $1 or a.id = $1)
        and a.ended_at is not null and a.failure_reason is null), '-infinity'))::int`,
    nowMs: 'extract(epoch from now())::float8 * 1000',
  },
);

const END = `status = 'terminating', terminate_requested = true, not_before = null, updated_at = now()`;

/** Minutes that a launch named; null for anything else. */
const MINUTES = `case when jsonb_typeof(request -> 'terminateAfter') = 'number'
  then (request ->> 'terminateAfter')::float8 * interval '1 minute' end`;

interface Decision {
  readonly nodeId: string;
  readonly reason: string;
  readonly at: string | null;
}

/** The upkeep of nodes in PostgreSQL, embedded or not. The migrations must have run. See decision 134. */
export class SqlUpkeepStore implements UpkeepStore {
  readonly #database: SqlDatabase;
  readonly #queries: SqlQueries;
  readonly #clock: Clock;

  constructor({ database, clock }: { readonly database: SqlDatabase; readonly clock: Clock }) {
    this.#database = database;
    this.#queries = queriesOf(database);
    this.#clock = clock;
  }

  async terminateDue(): ReturnType<UpkeepStore['terminateDue']> {
    const [row = []] = await this.#database.query(
      `with over as (
         update nodes set ${END}, terminated_by = 'terminate_after',
           termination_reason = 'its time, which its launch has set, is over'
         where status = 'active' and (terminate_at is not null or request ? 'terminateAfter')
           and coalesce(terminate_at, ended_at + ${MINUTES}) <= now()
         returning ${ID.list}
       ), failed as (
         update nodes set ${END}, terminated_by = 'on_loss', relaunch_at = now(),
           termination_reason = 'a relaunch that failed is removed before the next one'
         where status = 'failed' and retry_reason = 'lost' and failure_reason <> 'cancelled'
           and request ->> 'onLoss' = 'relaunch' and request ->> 'keepOnFailure' is distinct from 'true'
           and not exists (select from nodes r where r.retry_of = nodes.id)
         returning ${ID.list}
       )
       select (select count(*) from over)::int + (select count(*) from failed)::int,
         exists (select from nodes where relaunch_at <= now() and status = 'terminated')`,
      [],
    );
    const [terminated, relaunchDue] = row;
    return { terminated: Number(terminated), relaunchDue: relaunchDue === true };
  }

  async due({ orchestrator, secretsKeyId, limit }: DueRequest): Promise<readonly DueRelaunch[]> {
    const rows = await answerOf(
      this.#queries
        .select()
        .from(nodeTable)
        .where(
          sql`${nodeTable.relaunchAt} <= now() and ${nodeTable.status} = 'terminated'
            and ${nodeTable.orchestrator} = ${orchestrator}
            and coalesce(${nodeTable.secretsKeyId}, '') in ('', ${TASK_MARK}, ${secretsKeyId}, ${secretsKeyId + TASK_MARK})`,
        )
        .orderBy(nodeTable.relaunchAt)
        .limit(limit),
    );
    return Promise.all(rows.map((row) => this.#dueOf(row)));
  }

  async postpone(nodeId: string, untilMs: number, reason: string): Promise<boolean> {
    return this.#decide({ nodeId, reason, at: new Date(untilMs).toISOString() });
  }

  async giveUp(nodeId: string, reason: string): Promise<boolean> {
    return this.#decide({ nodeId, reason, at: null });
  }

  /**
   * Writes the event with the change. `at` is the time of the relaunch; null if there will be none, and then its secrets are
   * deleted.
   */
  async #decide({ nodeId, reason, at }: Decision): Promise<boolean> {
    const decided = await ID.all(
      this.#database,
      `with decided as (
         update nodes set relaunch_at = $3::timestamptz, updated_at = now(),
           sealed_secrets = case when $3::timestamptz is not null then sealed_secrets end,
           secrets_key_id = case when $3::timestamptz is not null then secrets_key_id end
         where id = $1 and status = 'terminated' and relaunch_at <= now() returning id
       ), noted as (
         select add_node_event(id, 'relaunch', jsonb_build_object('by', 'on_loss', 'text', $2::text)) from decided
       )
       select ${ID.list} from decided, noted`,
      [nodeId, reason, at],
    );
    return decided.length > 0;
  }

  async #dueOf(row: NodeRow): Promise<DueRelaunch> {
    const record = recordOf(row, this.#clock.now());
    const [asked] = await answerOf(
      this.#queries
        .select()
        .from(nodeTable)
        .where(
          sql`(${nodeTable.id} = ${record.lineage} or ${nodeTable.lineage} = ${record.lineage})
            and ${nodeTable.retryReason} is distinct from 'lost' and ${nodeTable.createdAt} <= ${row.createdAt.toISOString()}`,
        )
        .orderBy(desc(nodeTable.createdAt))
        .limit(1),
    );
    return {
      record,
      sealedSecrets: sealedOf(row),
      request: asked === undefined ? record.request : recordOf(asked, 0).request,
      past: await this.#past(record.lineage),
    };
  }

  async #past(lineage: string): Promise<PastRelaunches> {
    const past = await PAST.first(
      this.#database,
      `select ${PAST.list} from nodes where lineage = $1 and retry_reason = 'lost'`,
      [lineage],
    );
    if (past === undefined) throw new Error('the database has answered a count with no row');
    return past;
  }
}
