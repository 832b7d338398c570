import type { LaunchMetricsGroup } from '@launchlog/sdk';
import type { LaunchDimension } from '@launchlog/shared/launch-metrics';

/** The name of a group in plots and tables. */
export function groupName(group: LaunchMetricsGroup, dimension: LaunchDimension): string {
  const value = group.group[dimension];
  if (dimension === 'spot') return value === true ? 'spot' : 'on demand';
  return value === undefined || value === null ? 'none' : String(value);
}

export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** Grouped as in every other list: `1,444`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

export function formatRate(rate: number | undefined): string {
  return rate === undefined ? '–' : `${(rate * 100).toFixed(rate === 1 ? 0 : 1)} %`;
}
