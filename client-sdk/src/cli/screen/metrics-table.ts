import type { LaunchMetrics, LaunchMetricsGroup } from '@launchlog/shared/launch-metrics';
import { durationText } from './duration.js';
import { neutralise } from './neutralise.js';
import type { Style } from './style.js';
import { textTable } from './text-table.js';

const TITLES = ['LAUNCHES', 'SUCCESS', 'P50', 'P95', 'COST'];
/** Only where nodes were active. */
const LIFE_TITLES = ['LOST', 'UPTIME', '$/USEFUL H'];
const LAST_TITLE = 'FAILED MOST BY';

/** Formats launch metrics: one line for each group, one for all launches, and the duration of each phase below. */
export function metricsTable(metrics: LaunchMetrics, style: Style): string {
  const { groupBy, groups, total } = metrics;
  const names = groupBy.map((dimension) => dimension.replaceAll('_', ' ').toUpperCase());
  const nameCells = (group: LaunchMetricsGroup) =>
    groupBy.map((dimension) => ({ text: nameText(group.group[dimension]) }));
  const all = groupBy.map((_, index) => ({ text: index === 0 ? 'all' : '' }));
  const lives = total.activeSeconds !== undefined;
  const rows = [
    ...groups.map((group) => [...nameCells(group), ...cellsOf(group, lives)]),
    [...all, ...cellsOf(total, lives)].map((cell) => ({ ...cell, paint: style.bold })),
  ];
  const notes = [
    ...(metrics.truncated ? ['There are more groups: narrow them down with --since or a filter.'] : []),
    ...(total.simulated > 0 ? [`${total.simulated} of the launches were simulated.`] : []),
  ];
  return [
    textTable([...names, ...TITLES, ...(lives ? LIFE_TITLES : []), LAST_TITLE], rows, style),
    ...phasesOf(total, style),
    ...notes,
  ].join('\n');
}

function cellsOf(group: LaunchMetricsGroup, lives: boolean) {
  const { launches, successRate, launchSeconds, costTotal, failureReasons } = group;
  const [worst] = failureReasons;
  return [
    { text: String(launches) },
    { text: successRate === undefined ? '–' : `${Math.round(successRate * 100)}%` },
    { text: launchSeconds === undefined ? '–' : durationText(launchSeconds.p50) },
    { text: launchSeconds === undefined ? '–' : durationText(launchSeconds.p95) },
    { text: costTotal === undefined ? '–' : `$${costTotal.total.toFixed(2)}` },
    ...(lives ? lifeOf(group) : []),
    { text: worst === undefined ? '' : `${worst.reason} (${worst.launches})` },
  ];
}

function lifeOf(group: LaunchMetricsGroup) {
  const { uptime, costPerUsefulHour } = group;
  return [
    { text: lossText(group) },
    { text: uptime === undefined ? '–' : `${(uptime * 100).toFixed(1)}%` },
    { text: costPerUsefulHour === undefined ? '–' : `$${costPerUsefulHour.toFixed(2)}` },
  ];
}

/** `3 after 5h`: the number, and the active time for each of them. */
function lossText({ lost, meanSecondsToLoss }: LaunchMetricsGroup): string {
  if (lost === undefined) return '–';
  return meanSecondsToLoss === undefined ? String(lost) : `${lost} after ${durationText(meanSecondsToLoss)}`;
}

function phasesOf({ phases }: LaunchMetricsGroup, style: Style): string[] {
  if (phases.length === 0) return [];
  const rows = phases.map(({ phase, p50, p95, samples }) => [
    { text: phase },
    { text: durationText(p50) },
    { text: durationText(p95) },
    { text: String(samples) },
  ]);
  return ['', textTable(['PHASE', 'P50', 'P95', 'OF LAUNCHES'], rows, style)];
}

function nameText(value: string | boolean | null | undefined): string {
  if (value === null || value === undefined) return '–';
  return neutralise(String(value), false);
}
