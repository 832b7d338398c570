import { Gauge, type Registry } from 'prom-client';
import { z } from 'zod';
import { PHASES } from '@launchlog/shared/phase';
import type { SqlDatabase } from '../database/sql-database.js';
import type { ScrapeSource } from './prometheus-registry.js';

const LAUNCHING = `
  select phase, count(*)::int, count(*) filter (where stalled)::int,
    greatest(0, extract(epoch from now() - min(created_at)))::float8
  from nodes where status = 'launching' group by phase`;
const TERMINATING = `select count(*)::int from nodes where status = 'terminating'`;
const NOTIFICATIONS = `
  select status, count(*)::int from notification_deliveries where status in ('pending', 'failed', 'dead') group by status`;

const launchingSchema = z.array(z.tuple([z.string(), z.number(), z.number(), z.number()]));
const countsSchema = z.array(z.tuple([z.string(), z.number()]));

/** What stands in the database, which all servers share: each of them says the same, so take the maximum, not the sum. */
export class RegistryGauges implements ScrapeSource {
  readonly name = 'database';
  readonly #database: SqlDatabase;
  readonly #launching: Gauge<'phase'>;
  readonly #stalled: Gauge;
  readonly #queueAge: Gauge;
  readonly #terminating: Gauge;
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
    this.#notifications = new Gauge({
      name: 'launchlog_notifications',
      help: 'Notifications that wait (pending), wait for another try (failed) or were given up (dead), on all servers.',
      labelNames: ['status'],
      registers,
    });
  }

  async read(): Promise<void> {
    const [launching, terminating, notifications] = await Promise.all([
      this.#database.query(LAUNCHING, []),
      this.#database.query(TERMINATING, []),
      this.#database.query(NOTIFICATIONS, []),
    ]);
    this.#showLaunches(launchingSchema.parse(launching));
    this.#terminating.set(Number(terminating[0]?.[0] ?? 0));
    for (const status of ['pending', 'failed', 'dead']) this.#notifications.set({ status }, 0);
    for (const [status, count] of countsSchema.parse(notifications)) {
      this.#notifications.set({ status }, count);
    }
  }

  forget(): void {
    this.#launching.reset();
    this.#notifications.reset();
    for (const gauge of [this.#stalled, this.#queueAge, this.#terminating]) gauge.remove();
  }

  #showLaunches(rows: z.output<typeof launchingSchema>): void {
    for (const phase of PHASES) this.#launching.set({ phase }, 0);
    for (const [phase, count] of rows) this.#launching.set({ phase }, count);
    this.#stalled.set(rows.reduce((sum, [, , stalled]) => sum + stalled, 0));
    this.#queueAge.set(rows.find(([phase]) => phase === 'queued')?.[3] ?? 0);
  }
}
