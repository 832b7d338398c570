import type { SQL } from 'drizzle-orm';
import { z } from 'zod';
import type {
  LaunchMetrics,
  LaunchMetricsQuery,
  UsualPhases,
  UsualPhasesQuery,
} from '@launchlog/shared/launch-metrics';
import { METRIC_GROUPS_MAX, METRIC_LAUNCHES_MAX, phaseSpreadSchema } from '@launchlog/shared/launch-metrics';
import type { SqlDatabase } from '../database/sql-database.js';
import { SqlStatementError } from '../database/sql-database.js';
import type { SqlQueries } from '../database/sql-queries.js';
import { answerOf, queriesOf } from '../database/sql-queries.js';
import type { LaunchMetricRow } from './launch-metric-row.js';
import { groupOf, inOrder, launchMetricRowSchema } from './launch-metric-row.js';
import type { LaunchMetricsReader, Reached } from './launch-metrics.js';
import { launchStatement, SOUND_ROWS, usualPhasesStatement } from './launch-statements.js';
import type { PriceTable } from './price-table.js';

const usualPhasesRowSchema = z.tuple([z.int(), z.array(phaseSpreadSchema)]);

/** Launch metrics from the table of nodes in PostgreSQL, embedded or not. */
export class SqlLaunchMetrics implements LaunchMetricsReader {
  readonly #queries: SqlQueries;
  readonly #prices: PriceTable;

  constructor(database: SqlDatabase, prices: PriceTable) {
    this.#queries = queriesOf(database);
    this.#prices = prices;
  }

  async launches(query: Reached<LaunchMetricsQuery>): Promise<LaunchMetrics> {
    const groupBy = [...new Set(query.groupBy)];
    const rows = await this.#rows({ ...query, groupBy });
    const byKey = new Map<string, LaunchMetricRow[]>();
    for (const row of rows) {
      const key = JSON.stringify(row.key);
      byKey.set(key, [...(byKey.get(key) ?? []), row]);
    }
    const total = groupOf(byKey.get('null') ?? [], groupBy);
    if (total === undefined) throw new Error('the database returned no total');
    byKey.delete('null');
    const groups = [...byKey.values()]
      .flatMap((group) => groupOf(group, groupBy) ?? [])
      .toSorted((a, b) => b.launches - a.launches);
    return {
      groupBy,
      total,
      groups: groups.slice(0, METRIC_GROUPS_MAX),
      truncated: groups.length > METRIC_GROUPS_MAX || total.launches > METRIC_LAUNCHES_MAX,
    };
  }

  async phases(query: Reached<UsualPhasesQuery>): Promise<UsualPhases> {
    const [launches, phases] = await ofSoundRows(async (source) => {
      const [row] = await answerOf(this.#queries.execute(usualPhasesStatement(query, source)));
      return usualPhasesRowSchema.parse(row);
    });
    return { launches, phases: inOrder(phases) };
  }

  async #rows(query: Reached<LaunchMetricsQuery>): Promise<LaunchMetricRow[]> {
    return ofSoundRows(async (source) => {
      const rows = await answerOf(this.#queries.execute(launchStatement(query, this.#prices, source)));
      return rows.map((row) => {
        const [part, key, numbers] = row as unknown as unknown[];
        return launchMetricRowSchema.parse({ part, key, numbers });
      });
    });
  }
}

/** Numbers that cannot be added up leave out their rows, not the page. */
async function ofSoundRows<Result>(read: (source?: SQL) => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof SqlStatementError || error instanceof z.ZodError) return read(SOUND_ROWS);
    throw error;
  }
}
