import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { SqlColumns } from '../database/sql-columns.js';
import type { SqlDatabase } from '../database/sql-database.js';
import { addMissingRows } from '../node/sql-missing-rows.js';
import {
  TRACED_PARTS,
  type SettledJob,
  type TelemetryBacklog,
  type TelemetryJob,
  type TelemetryLedger,
} from './telemetry-ledger.js';

const MILLISECONDS = "* interval '1 millisecond'";

const JOB = new SqlColumns(
  z.object({
    nodeId: z.string(),
    logEpoch: z.string().optional(),
    logSeq: z.int(),
    logClosed: z.boolean(),
    eventEpoch: z.string().optional(),
    eventSeq: z.int(),
    traced: z.enum(TRACED_PARTS).catch('nothing'),
  }),
  {
    nodeId: 'node_id',
    logEpoch: 'log_epoch',
    logSeq: 'log_seq',
    logClosed: 'log_closed',
    eventEpoch: 'event_epoch',
    eventSeq: 'event_seq',
    traced: 'traced',
  },
);
const BACKLOG = new SqlColumns(z.object({ nodes: z.int(), oldestSeconds: z.number() }), {
  nodes: 'count(*)::int',
  oldestSeconds: 'coalesce(greatest(0, extract(epoch from now() - min(due_at))), 0)::float8',
});

/** The ledger in PostgreSQL, embedded or not. The migrations must have run. */
export class SqlTelemetryLedger implements TelemetryLedger {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  fill(sinceMs: number, untilMs?: number): Promise<number> {
    return addMissingRows(
      this.#database,
      { table: 'telemetry_nodes', time: 'created_at' },
      { sinceMs, untilMs },
    );
  }

  async claim(limit: number, leaseMs: number): Promise<readonly TelemetryJob[]> {
    const leaseId = randomUUID();
    const rows = await JOB.all(
      this.#database,
      `update telemetry_nodes set lease_id = $1, lease_until = now() + $2::float8 ${MILLISECONDS}
       where node_id in (
         select node_id from telemetry_nodes
         where not done and due_at <= now() and coalesce(lease_until <= now(), true)
         order by due_at limit $3 for update skip locked)
       returning ${JOB.list}`,
      [leaseId, leaseMs, limit],
    );
    return rows.map(({ nodeId, logEpoch, eventEpoch, ...rest }) => ({
      nodeId,
      leaseId,
      position: { logEpoch, eventEpoch, ...rest },
    }));
  }

  async extend(leaseId: string, leaseMs: number): Promise<void> {
    await this.#database.query(
      `update telemetry_nodes set lease_until = now() + $2::float8 ${MILLISECONDS}
       where lease_id = $1 and not done`,
      [leaseId, leaseMs],
    );
  }

  async settle(jobs: readonly SettledJob[]): Promise<void> {
    if (jobs.length === 0) return;
    const rows = jobs.map(({ nodeId, leaseId, position, done, dueInMs }) => ({
      node_id: nodeId,
      lease_id: leaseId,
      log_epoch: position.logEpoch,
      log_seq: position.logSeq,
      log_closed: position.logClosed,
      event_epoch: position.eventEpoch,
      event_seq: position.eventSeq,
      traced: position.traced,
      done,
      due_in_ms: dueInMs,
    }));
    await this.#database.query(
      `update telemetry_nodes t set log_epoch = s.log_epoch, log_seq = s.log_seq, log_closed = s.log_closed,
         event_epoch = s.event_epoch, event_seq = s.event_seq, traced = s.traced, done = s.done,
         due_at = now() + s.due_in_ms ${MILLISECONDS}, lease_id = null, lease_until = null
       from jsonb_to_recordset($1::jsonb) as s (node_id uuid, lease_id uuid, log_epoch text, log_seq int,
         log_closed boolean, event_epoch text, event_seq int, traced text, done boolean, due_in_ms float8)
       where t.node_id = s.node_id and t.lease_id = s.lease_id`,
      [JSON.stringify(rows)],
    );
  }

  async backlog(): Promise<TelemetryBacklog> {
    const text = `select ${BACKLOG.list} from telemetry_nodes where not done`;
    return (await BACKLOG.first(this.#database, text, [])) ?? { nodes: 0, oldestSeconds: 0 };
  }
}
