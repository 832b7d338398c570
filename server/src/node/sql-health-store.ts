import type { SQL } from 'drizzle-orm';
import { and, eq, sql } from 'drizzle-orm';
import type { Node, OrchestratorKind } from '@launchlog/shared/node';
import type { Clock } from '../clock.js';
import type { SqlDatabase } from '../database/sql-database.js';
import { storable } from '../database/storable-text.js';
import type { SqlQueries } from '../database/sql-queries.js';
import { answerOf, queriesOf } from '../database/sql-queries.js';
import type {
  HealthChange,
  HealthClaim,
  HealthStore,
  HealthWatcher,
  IdleChange,
  NodeEnd,
  NodeLoss,
  Sighting,
  WatchableNode,
} from './health-store.js';
import { nodeOf, recordOf, sealedOf } from './node-row.js';
import { nodeTable } from './node-table.js';

/** The watch of active nodes in PostgreSQL, embedded or not. The migrations must have run. See decision 130. */
export class SqlHealthStore implements HealthStore {
  readonly #queries: SqlQueries;
  readonly #clock: Clock;

  constructor(options: { readonly database: SqlDatabase; readonly clock: Clock }) {
    this.#queries = queriesOf(options.database);
    this.#clock = options.clock;
  }

  async renew(
    { id, name }: HealthWatcher,
    leaseMs: number,
    orchestrator: OrchestratorKind,
  ): Promise<boolean> {
    const until = sql`now() + ${leaseMs}::float8 * interval '1 millisecond'`;
    const rows = await answerOf(
      this.#queries.execute(sql`
        with gone as (delete from node_watchers where until < now() - interval '1 day' and id <> ${id}::uuid)
        insert into node_watchers (id, name, until) values (${id}::uuid, ${name}, ${until})
        on conflict (id) do update set until = excluded.until
        returning exists (select from nodes c
          where c.status = 'active' and c.orchestrator = ${orchestrator} and ${unwatched(id)})`),
    );
    return (rows as unknown as unknown[][])[0]?.[0] === true;
  }

  async claim({ watcherId, orchestrator, limit, known }: HealthClaim): Promise<readonly WatchableNode[]> {
    const forgotten =
      known === undefined
        ? sql`false`
        : sql`c.watched_by = ${watcherId}::uuid and c.id <> all(${sql.param([...known])}::uuid[])`;
    const free = sql`(select c.id from nodes c
      where c.status = 'active' and c.orchestrator = ${orchestrator}
        and (${forgotten} or ${unwatched(watcherId)})
      order by c.created_at limit ${limit} for update of c skip locked)`;
    const rows = await answerOf(
      this.#queries
        .update(nodeTable)
        .set({ watchedBy: watcherId })
        .where(sql`${nodeTable.id} in ${free}`)
        .returning(),
    );
    return rows.map((row) => ({ ...recordOf(row, this.#clock.now()), sealedKey: sealedOf(row) }));
  }

  async held(watcherId: string): Promise<readonly string[]> {
    const rows = await answerOf(
      this.#queries.select({ id: nodeTable.id }).from(nodeTable).where(isHeldBy(watcherId)),
    );
    return rows.map(({ id }) => id);
  }

  async save(watcherId: string, changes: readonly HealthChange[]): Promise<void> {
    if (changes.length === 0) return;
    await answerOf(
      this.#queries.execute(sql`
        update nodes set health = seen.health, health_since = seen.since, health_reason = seen.reason,
          last_seen_at = greatest(nodes.last_seen_at, seen.last_sign), updated_at = now()
        from jsonb_to_recordset(${JSON.stringify(changes.map(recordOfChange))}::jsonb)
          as seen (id uuid, health text, since timestamptz, reason text, last_sign timestamptz)
        where nodes.id = seen.id and nodes.status = 'active' and nodes.watched_by = ${watcherId}::uuid`),
    );
  }

  async sighted(watcherId: string, sightings: readonly Sighting[]): Promise<void> {
    if (sightings.length === 0) return;
    const seen = sightings.map(({ nodeId, atMs }) => ({ id: nodeId, at: new Date(atMs) }));
    await answerOf(
      this.#queries.execute(sql`
        update nodes set last_seen_at = greatest(nodes.last_seen_at, seen.at)
        from jsonb_to_recordset(${JSON.stringify(seen)}::jsonb) as seen (id uuid, at timestamptz)
        where nodes.id = seen.id and nodes.status = 'active' and nodes.watched_by = ${watcherId}::uuid`),
    );
  }

  async idle(watcherId: string, changes: readonly IdleChange[]): Promise<void> {
    if (changes.length === 0) return;
    const rows = changes.map(({ nodeId, idle }) => ({
      id: nodeId,
      since: idle === undefined ? null : new Date(idle.sinceMs),
      mark: idle?.mark ?? null,
      noticed: idle?.noticed ?? false,
    }));
    await answerOf(
      this.#queries.execute(sql`
        update nodes set idle_since = seen.since, idle_mark = seen.mark, idle_noticed = seen.noticed, updated_at = now()
        from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
          as seen (id uuid, since timestamptz, mark float8, noticed boolean)
        where nodes.id = seen.id and nodes.status = 'active' and nodes.watched_by = ${watcherId}::uuid`),
    );
  }

  async terminate(watcherId: string, { nodeId, rule, reason, relaunch }: NodeEnd): Promise<boolean> {
    const rows = await answerOf(
      this.#queries
        .update(nodeTable)
        .set({
          status: 'terminating',
          terminateRequested: true,
          terminatedBy: rule,
          terminationReason: reason,
          relaunchAt: relaunch ? sql`now()` : null,
          notBefore: null,
          updatedAt: sql`now()`,
        })
        .where(and(eq(nodeTable.id, nodeId), isHeldBy(watcherId)))
        .returning({ id: nodeTable.id }),
    );
    return rows.length > 0;
  }

  async lose(watcherId: string, loss: NodeLoss): Promise<Node | undefined> {
    const lastSign = sql`${new Date(loss.lastSignMs).toISOString()}::timestamptz`;
    const [row] = await answerOf(
      this.#queries
        .update(nodeTable)
        .set({
          status: 'terminated',
          lossReason: loss.reason,
          healthReason: loss.message,
          // A clock that is behind must not make the cost negative.
          terminatedAt: sql`greatest(${nodeTable.endedAt}, ${lastSign})`,
          lastSeenAt: sql`greatest(${nodeTable.lastSeenAt}, ${lastSign})`,
          endpoint: null,
          health: null,
          healthSince: null,
          watchedBy: null,
          relaunchAt: sql`case when ${wantsRelaunch} then now() end`,
          sealedSecrets: sql`case when ${wantsRelaunch} then ${nodeTable.sealedSecrets} end`,
          secretsKeyId: sql`case when ${wantsRelaunch} then ${nodeTable.secretsKeyId} end`,
          updatedAt: sql`now()`,
        })
        .where(and(eq(nodeTable.id, loss.nodeId), isHeldBy(watcherId)))
        .returning(),
    );
    return row === undefined ? undefined : nodeOf(row, this.#clock.now());
  }

  async keepOutput(nodeId: string, lines: readonly string[]): Promise<void> {
    const silent = sql`(${nodeTable.status} = 'active' or ${nodeTable.lossReason} is not null
      or (${nodeTable.status} in ('terminating', 'terminated') and ${nodeTable.failureReason} is null))`;
    await answerOf(
      this.#queries
        .update(nodeTable)
        .set({ evidence: storable({ lines: [...lines] }), updatedAt: sql`now()` })
        .where(and(eq(nodeTable.id, nodeId), silent)),
    );
  }

  async leave(watcherId: string): Promise<void> {
    await answerOf(this.#queries.execute(sql`delete from node_watchers where id = ${watcherId}::uuid`));
  }
}

const wantsRelaunch = sql`${nodeTable.request} ->> 'onLoss' = 'relaunch'`;

/** Whether nobody watches the node: its watcher, if it had one, is another that is gone. */
function unwatched(watcherId: string): SQL {
  return sql`(c.watched_by is null or (c.watched_by <> ${watcherId}::uuid
    and not exists (select from node_watchers w where w.id = c.watched_by and w.until > now())))`;
}

function isHeldBy(watcherId: string) {
  return and(eq(nodeTable.status, 'active'), eq(nodeTable.watchedBy, watcherId));
}

function recordOfChange({ nodeId, health, sinceMs, reason, lastSignMs }: HealthChange) {
  return {
    id: nodeId,
    health,
    since: new Date(sinceMs),
    reason: reason ?? null,
    last_sign: new Date(lastSignMs),
  };
}
