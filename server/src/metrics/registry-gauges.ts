import { Gauge, type Registry } from 'prom-client';
import { z } from 'zod';
import { NODE_HEALTHS } from '@launchlog/shared/node';
import { PHASES } from '@launchlog/shared/phase';
import { SqlColumns } from '../database/sql-columns.js';
import type { SqlDatabase } from '../database/sql-database.js';
import type { ScrapeSource } from './prometheus-registry.js';

const launchingRowSchema = z.object({
  phase: z.string(),
  count: z.int(),
  stalled: z.int(),
  oldestSeconds: z.number(),
});
type LaunchingRow = z.output<typeof launchingRowSchema>;

const LAUNCHING = new SqlColumns(launchingRowSchema, {
  phase: 'phase',
  count: 'count(*)::int',
  stalled: 'count(*) filter (where stalled)::int',
  oldestSeconds: 'greatest(0, extract(epoch from now() - min(created_at)))::float8',
});
const TERMINATING = new SqlColumns(z.object({ count: z.int() }), { count: 'count(*)::int' });
const HEALTH = new SqlColumns(z.object({ health: z.string(), count: z.int() }), {
  health: "coalesce(health, 'unknown')",
  count: 'count(*)::int',
});
const NOTIFICATIONS = new SqlColumns(z.object({ status: z.string(), count: z.int() }), {
  status: 'status',
  count: 'count(*)::int',
});

/** Numbers from the database that all servers share. Every server reports the same, so take the maximum, not the sum. */
export class RegistryGauges implements ScrapeSource {
  readonly name = 'database';
  readonly #database: SqlDatabase;
  readonly #launching: Gauge<'phase'>;
  readonly #stalled: Gauge;
  readonly #queueAge: Gauge;
  readonly #terminating: Gauge;
  readonly #health: Gauge<'health'>;
  readonly #notifications: Gauge<'status'>;

  constructor(database: SqlDatabase, registry: Registry) {
    this.#database = database;
    const registers = [registry];
    this.#launching = new Gauge({
      name: 'launchlog_launches_running',
      help: 'Launches that have not ended, by phase, on all servers; queued ones wait for a free slot.',
      labelNames: ['phase'],
      registers,
    });
    this.#stalled = new Gauge({
      name: 'launchlog_launches_stalled',
      help: 'Launches whose present phase has lasted longer than 95 of 100 past ones, on all servers.',
      registers,
    });
    this.#queueAge = new Gauge({
      name: 'launchlog_queue_oldest_seconds',
      help: 'How long the launch that waits longest for a slot has been waiting, on all servers.',
      registers,
    });
    this.#terminating = new Gauge({
      name: 'launchlog_nodes_terminating',
      help: 'Nodes that are being taken down, on all servers.',
      registers,
    });
    this.#health = new Gauge({
      name: 'launchlog_nodes_active',
      help: 'Active nodes by health, on all servers; unknown ones cannot be seen, or were not looked at yet.',
      labelNames: ['health'],
      registers,
    });
    this.#notifications = new Gauge({
      name: 'launchlog_notifications',
      help: 'Notifications that wait (pending), wait for another try (failed) or were given up (dead), on all servers.',
      labelNames: ['status'],
      registers,
    });
  }

  async read(): Promise<void> {
    const [launching, terminating, health, notifications] = await Promise.all([
      LAUNCHING.all(
        this.#database,
        `select ${LAUNCHING.list} from nodes where status = 'launching' group by phase`,
        [],
      ),
      TERMINATING.first(
        this.#database,
        `select ${TERMINATING.list} from nodes where status = 'terminating'`,
        [],
      ),
      // The narrow copy of the nodes: a fleet is mostly active.
      HEALTH.all(
        this.#database,
        `select ${HEALTH.list} from node_listing where status = 'active' group by 1`,
        [],
      ),
      NOTIFICATIONS.all(
        this.#database,
        // Each part has an index of its own: most deliveries were delivered.
        `select ${NOTIFICATIONS.list} from notification_deliveries where status in ('pending', 'failed') group by status
         union all
         select ${NOTIFICATIONS.list} from notification_deliveries where status = 'dead' group by status`,
        [],
      ),
    ]);
    this.#showLaunches(launching);
    this.#terminating.set(terminating?.count ?? 0);
    for (const each of NODE_HEALTHS) this.#health.set({ health: each }, 0);
    for (const { health: each, count } of health) this.#health.set({ health: each }, count);
    for (const status of ['pending', 'failed', 'dead']) this.#notifications.set({ status }, 0);
    for (const { status, count } of notifications) this.#notifications.set({ status }, count);
  }

  forget(): void {
    this.#launching.reset();
    this.#health.reset();
    this.#notifications.reset();
    for (const gauge of [this.#stalled, this.#queueAge, this.#terminating]) gauge.remove();
  }

  #showLaunches(rows: readonly LaunchingRow[]): void {
    for (const phase of PHASES) this.#launching.set({ phase }, 0);
    for (const { phase, count } of rows) this.#launching.set({ phase }, count);
    this.#stalled.set(rows.reduce((sum, { stalled }) => sum + stalled, 0));
    this.#queueAge.set(rows.find(({ phase }) => phase === 'queued')?.oldestSeconds ?? 0);
  }
}
