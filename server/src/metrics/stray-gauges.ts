import { Gauge, type Registry } from 'prom-client';
import { z } from 'zod';
import { STRAY_KINDS } from '@launchlog/shared/cost/stray';
import { SqlColumns } from '../database/sql-columns.js';
import type { SqlDatabase } from '../database/sql-database.js';
import type { ScrapeSource } from './prometheus-registry.js';

const STRAYS = new SqlColumns(z.object({ kind: z.string(), count: z.int() }), {
  kind: 'kind',
  count: 'count(*)::int',
});

/** How many strays there are. Every server reports the same, so take the maximum, not the sum. */
export class StrayGauges implements ScrapeSource {
  readonly name = 'strays';
  readonly #database: SqlDatabase;
  readonly #strays: Gauge<'kind'>;

  constructor(database: SqlDatabase, registry: Registry) {
    this.#database = database;
    this.#strays = new Gauge({
      name: 'launchlog_strays',
      help: 'Clusters that no node accounts for (ours, foreign) and active nodes without their cluster (gone), on all servers.',
      labelNames: ['kind'],
      registers: [registry],
    });
  }

  async read(): Promise<void> {
    const counted = await STRAYS.all(
      this.#database,
      `select ${STRAYS.list} from strays where looks > 1 group by kind`,
      [],
    );
    for (const kind of STRAY_KINDS) this.#strays.set({ kind }, 0);
    for (const { kind, count } of counted) this.#strays.set({ kind }, count);
  }

  forget(): void {
    this.#strays.reset();
  }
}
