import type { LaunchMetrics, LaunchMetricsGroup } from '@launchlog/shared/launch-metrics';
import { dollars } from '@launchlog/shared/cost/dollars';
import { durationText } from './duration.js';
import { neutralise } from './neutralise.js';
import type { Style } from './style.js';
import { itemTable } from './text-table.js';
import type { ItemColumn } from './text-table.js';

interface Row {
  readonly group: LaunchMetricsGroup;
  readonly isTotal: boolean;
}

type Column = ItemColumn<Row>;

const COLUMNS: readonly Column[] = [
  { title: 'LAUNCHES', text: ({ group }) => group.launches.toLocaleString('en-US'), rank: 2 },
  { title: 'SUCCESS', text: ({ group: { successRate: rate } }) => percent(rate, 0), rank: 1 },
  {
    title: 'P50',
    text: ({ group: { launchSeconds: time } }) => (time ? durationText(time.p50) : '–'),
    rank: 4,
  },
  {
    title: 'P95',
    text: ({ group: { launchSeconds: time } }) => (time ? durationText(time.p95) : '–'),
    rank: 7,
  },
  { title: 'COST', text: ({ group: { costTotal: cost } }) => (cost ? dollars(cost.total) : '–'), rank: 3 },
];
/** Only where nodes were active. */
const LIFE_COLUMNS: readonly Column[] = [
  { title: 'LOST', text: ({ group }) => lossText(group), rank: 6 },
  { title: 'UPTIME', text: ({ group: { uptime } }) => percent(uptime, 1), rank: 9 },
  {
    title: '$/USEFUL H',
    text: ({ group: { costPerUsefulHour: cost } }) => (cost === undefined ? '–' : dollars(cost)),
    rank: 8,
  },
];
const LAST_COLUMN: Column = { title: 'FAILED MOST BY', text: ({ group }) => worstText(group), rank: 5 };

const PHASE_COLUMNS: readonly ItemColumn<LaunchMetricsGroup['phases'][number]>[] = [
  { title: 'PHASE', text: ({ phase }) => phase, rank: 0 },
  { title: 'P50', text: ({ p50 }) => durationText(p50), rank: 1 },
  { title: 'P95', text: ({ p95 }) => durationText(p95), rank: 2 },
  { title: 'OF LAUNCHES', text: ({ samples }) => samples.toLocaleString('en-US'), rank: 3 },
];

interface MetricsTableOptions {
  readonly style: Style;
  /** Width of the terminal; undefined for all columns. */
  readonly columns?: number | undefined;
}

/** Formats launch metrics: one line for each group, one for all launches, and the duration of each phase below. */
export function metricsTable(metrics: LaunchMetrics, { style, columns: width }: MetricsTableOptions): string {
  const { groupBy, groups, total } = metrics;
  const rows: Row[] = [
    ...groups.map((group) => ({ group, isTotal: false })),
    { group: total, isTotal: true },
  ];
  const names = groupBy.map((dimension, index) => ({
    title: dimension.replaceAll('_', ' ').toUpperCase(),
    text: ({ group, isTotal }: Row) =>
      isTotal ? (index === 0 ? 'all' : '') : nameText(group.group[dimension]),
    rank: 0,
  }));
  const lives = total.activeSeconds !== undefined;
  const columns = [...names, ...COLUMNS, ...(lives ? LIFE_COLUMNS : []), LAST_COLUMN].map((column) => ({
    ...column,
    paint: ({ isTotal }: Row, text: string) => (isTotal ? style.bold(text) : text),
  }));
  const notes = [
    ...(metrics.truncated ? ['There are more groups: narrow them down with --since or a filter.'] : []),
    ...(total.simulated > 0 ? [`${total.simulated} of the launches were simulated.`] : []),
  ];
  return [
    itemTable(rows, columns, { style, columns: width }),
    ...phasesOf(total, { style, columns: width }),
    ...notes,
  ].join('\n');
}

function percent(rate: number | undefined, digits: number): string {
  return rate === undefined ? '–' : `${(rate * 100).toFixed(digits)}%`;
}

function worstText({ failureReasons: [worst] }: LaunchMetricsGroup): string {
  return worst === undefined ? '' : `${worst.reason} (${worst.launches})`;
}

/** `3 after 5h`: the number, and the active time for each of them. */
function lossText({ lost, meanSecondsToLoss }: LaunchMetricsGroup): string {
  if (lost === undefined) return '–';
  return meanSecondsToLoss === undefined ? String(lost) : `${lost} after ${durationText(meanSecondsToLoss)}`;
}

function phasesOf({ phases }: LaunchMetricsGroup, { style, columns }: MetricsTableOptions): string[] {
  if (phases.length === 0) return [];
  return ['', itemTable(phases, PHASE_COLUMNS, { style, columns })];
}

function nameText(value: string | boolean | null | undefined): string {
  if (value === null || value === undefined) return '–';
  return neutralise(String(value), false);
}
