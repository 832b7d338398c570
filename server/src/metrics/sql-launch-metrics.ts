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
import { heavyWork } from '../wait/fair-turns.js';
import { GroupNames } from './group-names.js';
import { inOrder } from './launch-group.js';
import type { LaunchMetricsReader, Reached } from './launch-metrics.js';
import { SOUND_ROWS, usualPhasesStatement } from './launch-statements.js';
import { LaunchTally } from './launch-tally.js';
import { unpackLaunches } from './packed-launch.js';
import { listPriceOf, type PriceTable } from './price-table.js';
import type { FactColumn, FactGroup } from './sql-launch-facts.js';
import { SqlLaunchFacts } from './sql-launch-facts.js';

const usualPhasesRowSchema = z.tuple([z.int(), z.array(phaseSpreadSchema)]);
/** The columns that an entry of the table of prices may name. */
const PRICED_BY = ['provider', 'region', 'gpu', 'spot'] as const;
/** Launches that are added up in one turn of the event loop. */
const LAUNCHES_A_TURN = 2_000;

/**
 * Launch metrics from PostgreSQL, embedded or not. They are made from `launch_facts`, which triggers maintain. See decision
 * 149.
 */
export class SqlLaunchMetrics implements LaunchMetricsReader {
  readonly #queries: SqlQueries;
  readonly #facts: SqlLaunchFacts;
  readonly #prices: PriceTable;

  constructor(database: SqlDatabase, prices: PriceTable) {
    this.#queries = queriesOf(database);
    this.#facts = new SqlLaunchFacts(database);
    this.#prices = prices;
  }

  async launches(query: Reached<LaunchMetricsQuery>): Promise<LaunchMetrics> {
    const groupBy = [...new Set(query.groupBy)];
    const names = new GroupNames(groupBy);
    const tally = await this.#tally(query, names);
    const { sizes } = tally;
    const largest = [...sizes.keys()].toSorted((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0));
    const keep = groupBy.length === 0 ? [] : largest.slice(0, METRIC_GROUPS_MAX);
    const messages = await this.#facts.messages([...tally.latestFailures(keep)]);
    const [total, ...groups] = await tally.groups(keep, messages);
    return {
      groupBy,
      total: { group: {}, ...total },
      groups: groups.map((group, index) => ({ group: names.nameOf(keep[index] ?? NaN), ...group })),
      truncated: names.size > METRIC_GROUPS_MAX || total.launches > METRIC_LAUNCHES_MAX,
    };
  }

  async phases(query: Reached<UsualPhasesQuery>): Promise<UsualPhases> {
    const [launches, phases] = await ofSoundRows(async (source) => {
      const [row] = await answerOf(this.#queries.execute(usualPhasesStatement(query, source)));
      return usualPhasesRowSchema.parse(row);
    });
    return { launches, phases: inOrder(phases) };
  }

  async #tally(query: Reached<LaunchMetricsQuery>, names: GroupNames): Promise<LaunchTally> {
    const isPriced = Object.keys(this.#prices).length > 0;
    const columns = new Set(names.columns);
    if (isPriced) for (const column of PRICED_BY) columns.add(column);
    let tally: LaunchTally | undefined;
    let added = 0;
    for await (const { nowMs, groups } of this.#facts.slices(query, [...columns])) {
      tally ??= new LaunchTally(nowMs);
      for (const group of groups) {
        const numberOf = names.among(group.values);
        const listPrice = isPriced ? this.#listPrice(group) : NaN;
        for (const launch of unpackLaunches(group.packed)) {
          if (added > METRIC_LAUNCHES_MAX) return tally;
          if (added % LAUNCHES_A_TURN === 0) await heavyWork.turn();
          added += 1;
          tally.add(launch, { group: numberOf(launch.createdMs), listPrice });
        }
      }
    }
    return tally ?? new LaunchTally(0);
  }

  #listPrice({ values }: FactGroup): number {
    const text = (column: FactColumn) => String(values.get(column));
    const isSpot = values.get('spot') === true;
    return listPriceOf(this.#prices, {
      provider: text('provider'),
      region: text('region'),
      gpu: text('gpu'),
      isSpot,
    });
  }
}

/** Rows with numbers that cannot be added up are left out; the page is not lost. */
async function ofSoundRows<Result>(read: (source?: SQL) => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof SqlStatementError || error instanceof z.ZodError) return read(SOUND_ROWS);
    throw error;
  }
}
