import { LAUNCH_DIMENSIONS } from '@launchlog/shared/launch-metrics';
import type { LaunchDimension, LaunchMetricsQueryInput } from '@launchlog/shared/launch-metrics';

const DAY_MS = 86_400_000;

export const WINDOW_DAYS = { '1d': 1, '7d': 7, '30d': 30, all: undefined } as const;
type MetricsWindow = keyof typeof WINDOW_DAYS;

/** Which launches the page measures and how it groups them. It is part of the URL. */
export interface MetricsView {
  readonly window: MetricsWindow;
  readonly groupBy: LaunchDimension;
}

export const WINDOWS = ['1d', '7d', '30d', 'all'] as const satisfies readonly MetricsWindow[];
export const WINDOW_LABELS: Readonly<Record<MetricsWindow, string>> = {
  '1d': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
  all: 'All time',
};

export const DIMENSION_LABELS: Readonly<Record<LaunchDimension, string>> = {
  provider: 'Provider',
  region: 'Region',
  gpu: 'GPU',
  model: 'Model',
  spot: 'Spot',
  orchestrator: 'Orchestrator',
  deployment: 'Deployment',
  created_by: 'Launched by',
  day: 'Day',
  hour: 'Hour',
};

export function readMetricsView(search: URLSearchParams): MetricsView {
  const windows = Object.keys(WINDOW_DAYS) as MetricsWindow[];
  return {
    window: windows.find((window) => window === search.get('window')) ?? '30d',
    groupBy: LAUNCH_DIMENSIONS.find((dimension) => dimension === search.get('by')) ?? 'provider',
  };
}

export function metricsQuery({ window, groupBy }: MetricsView, nowMs: number): LaunchMetricsQueryInput {
  const days = WINDOW_DAYS[window];
  if (days === undefined) return { groupBy: [groupBy] };
  return { groupBy: [groupBy], since: new Date(nowMs - days * DAY_MS).toISOString() };
}
