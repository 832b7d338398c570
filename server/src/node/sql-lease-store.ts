import type { SQL } from 'drizzle-orm';
import { and, eq, isNotNull, sql } from 'drizzle-orm';
import type { Node } from '@launchlog/shared/node';
import type { Clock } from '../clock.js';
import type { SqlDatabase } from '../database/sql-database.js';
import { SqlStatementError, UNIQUE_VIOLATION } from '../database/sql-database.js';
import type { SqlQueries } from '../database/sql-queries.js';
import { answerOf, queriesOf } from '../database/sql-queries.js';
import { storable } from '../database/storable-text.js';
import type {
  ClaimedJob,
  ClaimRequest,
  Lease,
  LeaseStore,
  NodeChanges,
  QueuedJob,
  RenewedLease,
  WorkSight,
} from './lease-store.js';
import { nodeOf, recordOf, sealedOf } from './node-row.js';
import type { NodeRow, NodeRowChanges } from './node-table.js';
import { nodeTable } from './node-table.js';
import { claimable, lookStatement, QUEUED, SLOT_MAX } from './work/sql-work-sight.js';

/** Attempts to claim: if several servers want the same free slot, all but one must look for another. */
const SLOT_RACES_MAX = 10;

const DEFAULTS = { random: Math.random };

/** Launches whose queue position changed and that one statement looks at: other servers may hold some of them. */
const QUEUE_CANDIDATES = 100;

interface SqlLeaseStoreOptions {
  readonly database: SqlDatabase;
  readonly clock: Clock;
  /** From 0 to 1. Default: `Math.random`. */
  readonly random?: () => number;
}

/** Leases on rows in PostgreSQL, embedded or not. The migrations must have run. See decision 30. */
export class SqlLeaseStore implements LeaseStore {
  readonly #queries: SqlQueries;
  readonly #clock: Clock;
  readonly #random: () => number;

  constructor(options: SqlLeaseStoreOptions) {
    const { database, clock, random } = { ...DEFAULTS, ...options };
    this.#queries = queriesOf(database);
    this.#clock = clock;
    this.#random = random;
  }

  async look(request: ClaimRequest): Promise<WorkSight> {
    const rows = await answerOf(this.#queries.execute(lookStatement(request)));
    const [isClaimable, queue] = (rows as unknown as unknown[][])[0] ?? [];
    return { claimable: isClaimable === true, queue: typeof queue === 'string' ? queue : undefined };
  }

  async claim(request: ClaimRequest): Promise<ClaimedJob | undefined> {
    for (let race = 1; ; race += 1) {
      try {
        // Most claims race with none. After a lost race, servers look for different slots.
        return await this.#claimOnce(request, race === 1 ? 0 : Math.floor(this.#random() * 2 ** race));
      } catch (error) {
        const lostRace = error instanceof SqlStatementError && error.code === UNIQUE_VIOLATION;
        if (!lostRace || race === SLOT_RACES_MAX) throw error;
      }
    }
  }

  async claimQueued(request: ClaimRequest): Promise<QueuedJob | undefined> {
    // One pass numbers the whole queue; a count for each row would be quadratic. Of several candidates one is not locked.
    const numbered = queueInOrder();
    const due = sql`(select c.id from ${numbered} c
      where ${claimable(request)} and ${freeSlot(request)} is null and c.queue_place is distinct from c.position
      order by c.position limit ${QUEUE_CANDIDATES})`;
    const candidate = sql`(select c.id from nodes c
      where c.id = any(array${due}) and ${QUEUED} and ${claimable(request)}
      order by c.created_at, c.id limit 1 for update of c skip locked)`;
    const now = sql`(select place.position::int from ${queueInOrder()} place where place.id = ${nodeTable.id})`;
    const row = await this.#take(candidate, { ...leased(request), queuePlace: now });
    if (row?.queuePlace === undefined || row.queuePlace === null) return undefined;
    return { ...this.#job(row), position: row.queuePlace };
  }

  async renew(leases: readonly Lease[], leaseMs: number): Promise<readonly RenewedLease[]> {
    if (leases.length === 0) return [];
    const { id, attempt, leaseOwner, cancelRequestedAt } = nodeTable;
    const ids = sql.param(leases.map((lease) => lease.nodeId));
    const attempts = sql.param(leases.map((lease) => lease.attempt));
    // One join with two arrays: a condition with `or` for each lease takes minutes to plan for 20,000 of them.
    const isHeld = sql`(${id}, ${attempt}) in (select * from unnest(${ids}::uuid[], ${attempts}::int[]))`;
    const rows = await answerOf(
      this.#queries
        .update(nodeTable)
        .set({ leaseUntil: until(leaseMs) })
        .where(and(isHeld, isNotNull(leaseOwner)))
        .returning({ id, attempt, cancelRequestedAt }),
    );
    return rows.map((row) => ({
      nodeId: row.id,
      attempt: row.attempt,
      cancelRequested: row.cancelRequestedAt !== null,
    }));
  }

  async save(lease: Lease, changes: NodeChanges): Promise<boolean> {
    return (await this.#update(lease, columnsOf(changes))) !== undefined;
  }

  async end(lease: Lease, changes: NodeChanges): Promise<Node | undefined> {
    const { status, ...columns } = columnsOf(changes);
    const row = await this.#update(lease, {
      ...columns,
      ...FREED,
      // A cancellation that came too late to stop the launch must not leave an unwanted machine.
      status: sql`case when ${nodeTable.status} = 'launching' and (${nodeTable.terminateRequested}
          or (${nodeTable.cancelRequestedAt} is not null and ${status ?? null} = 'active'))
        then 'terminating' else coalesce(${status ?? null}, ${nodeTable.status}) end`,
      slot: null,
      queuePlace: null,
      // A node that is to be launched again keeps what that needs.
      sealedSecrets: sql`case when ${nodeTable.relaunchAt} is null then ${changes.sealedKey?.bytes ?? null}::bytea
        else ${nodeTable.sealedSecrets} end`,
      secretsKeyId: sql`case when ${nodeTable.relaunchAt} is null then ${changes.sealedKey?.keyId ?? null}::text
        else ${nodeTable.secretsKeyId} end`,
      etaAt: null,
      etaSamples: null,
      stalled: false,
    });
    return row === undefined ? undefined : nodeOf(row, this.#clock.now());
  }

  async release(lease: Lease, delayMs: number): Promise<void> {
    await this.#update(lease, { ...FREED, notBefore: delayMs > 0 ? until(delayMs) : null });
  }

  async #claimOnce(request: ClaimRequest, skipped: number): Promise<ClaimedJob | undefined> {
    const candidate = sql`(${WITH_TURNS} select c.id from nodes c left join turns on turns.tenant = ${tenantOf('c')} and ${QUEUED}
      where c.status in ('launching', 'terminating') and ${claimable(request)}
        and (c.status = 'terminating' or c.slot is not null or c.cancel_requested_at is not null
          or ${freeSlot(request)} is not null)
      order by (c.slot is not null) desc, (${QUEUED}), coalesce(turns.slots, 0), turns.served_at nulls first,
        c.created_at, c.id limit 1 for update of c skip locked)`;
    const row = await this.#take(candidate, {
      ...leased(request),
      slot: sql`case when ${nodeTable.status} = 'launching' and ${nodeTable.slot} is null
        and ${nodeTable.cancelRequestedAt} is null then ${freeSlot(request, skipped)} else ${nodeTable.slot} end`,
      queuePlace: null,
    });
    return row === undefined ? undefined : this.#job(row);
  }

  async #take(candidate: SQL, changes: NodeRowChanges): Promise<NodeRow | undefined> {
    // A claim changes queue positions. Watchers find such changes by this time.
    const update = this.#queries.update(nodeTable).set({ ...changes, updatedAt: sql`now()` });
    const [row] = await answerOf(update.where(sql`${nodeTable.id} = ${candidate}`).returning());
    return row;
  }

  async #update(lease: Lease, changes: NodeRowChanges): Promise<NodeRow | undefined> {
    const update = this.#queries.update(nodeTable).set({ ...changes, updatedAt: sql`now()` });
    const [row] = await answerOf(update.where(heldBy(lease)).returning());
    return row;
  }

  #job(row: NodeRow): ClaimedJob {
    return {
      kind: row.status === 'terminating' ? 'terminate' : 'launch',
      lease: { nodeId: row.id, attempt: row.attempt },
      record: recordOf(row, this.#clock.now()),
      sealedSecrets: sealedOf(row),
      started: row.slot !== null,
    };
  }
}

const FREED = { leaseOwner: null, leaseUntil: null } as const;

function until(ms: number): SQL {
  return sql`now() + ${ms}::float8 * interval '1 millisecond'`;
}

/** A lease that is still in the row when it is claimed has expired: its owner was lost. */
function leased(request: ClaimRequest): NodeRowChanges {
  return {
    attempt: sql`${nodeTable.attempt} + 1`,
    takeovers: sql`${nodeTable.takeovers} + case when ${nodeTable.leaseOwner} is null then 0 else 1 end`,
    leaseOwner: request.owner,
    leaseUntil: until(request.leaseMs),
    notBefore: null,
  };
}

/**
 * The free slot after this many others, or the last one if there are fewer. The unique index on slots prevents two servers from taking
 * the same one.
 */
function freeSlot(request: ClaimRequest, skipped = 0): SQL {
  return sql`(select max(s) from (select s from generate_series(1, ${request.maxRunning}::int) s
    where not exists (select from nodes r where r.slot = s) order by s limit ${skipped + 1}) as free)`;
}

/** Nodes without a tenant share their turns. */
function tenantOf(alias: 'c' | 'r'): SQL {
  return sql`coalesce(${sql.raw(alias)}.tenant_id, '')`;
}

/**
 * `turns`: the slots that each tenant holds, and when it last got one. They are counted once: a planner that knows no statistics,
 * as of a table that has just filled, would count them again for each launch of the queue. Slots are asked for with two ends, because it
 * would also expect a slot in each row (decision 201).
 */
const WITH_TURNS = sql`with held as materialized
    (select ${tenantOf('r')} as tenant, count(*) as slots from nodes r where r.slot between 1 and ${SLOT_MAX} group by 1),
  turns as materialized
    (select turn.tenant, turn.served_at, coalesce(held.slots, 0) as slots from tenant_turns turn left join held using (tenant))`;

/**
 * The queue in the order in which it is served: a free slot goes to the tenant with the fewest slots, among these to the one
 * that has waited longest, and there to the oldest launch. See decision 138.
 */
function queueInOrder(): SQL {
  return sql`(${WITH_TURNS} select due.*, row_number() over
      (order by due.slots + due.own, due.own, due.served_at nulls first, due.created_at, due.id) as position
    from (select c.*, coalesce(turns.slots, 0) as slots, turns.served_at,
        row_number() over (partition by ${tenantOf('c')} order by c.created_at, c.id) as own
      from nodes c left join turns on turns.tenant = ${tenantOf('c')}
      where ${QUEUED}) due)`;
}

function heldBy(lease: Lease): SQL | undefined {
  return and(
    eq(nodeTable.id, lease.nodeId),
    eq(nodeTable.attempt, lease.attempt),
    isNotNull(nodeTable.leaseOwner),
  );
}

function columnsOf(changes: NodeChanges): NodeRowChanges {
  const {
    phaseStartedAtMs,
    endedAtMs,
    terminatedAtMs,
    eta,
    attempts,
    memory,
    evidence,
    sealedKey: _,
    ...same
  } = changes;
  return {
    ...same,
    ...(evidence !== undefined && { evidence: storable(evidence) }),
    ...(attempts !== undefined && { attempts: storable([...attempts]) }),
    ...(memory !== undefined && { memory: storable(memory) }),
    ...(phaseStartedAtMs !== undefined && { phaseStartedAt: new Date(phaseStartedAtMs) }),
    ...(endedAtMs !== undefined && { endedAt: new Date(endedAtMs) }),
    ...(terminatedAtMs !== undefined && { terminatedAt: new Date(terminatedAtMs) }),
    ...(eta !== undefined && {
      etaAt: eta === null ? null : until(eta.seconds * 1_000),
      etaSamples: eta === null ? null : eta.samples,
    }),
  };
}
