import { describe, expect, test } from 'vitest';
import { metricsTable } from '@launchlog/sdk/cli/screen/metrics-table';
import { Style } from '@launchlog/sdk/cli/screen/style';
import type { LaunchMetrics, LaunchMetricsGroup } from '@launchlog/shared/launch-metrics';

const EMPTY: LaunchMetricsGroup = {
  group: {},
  launches: 0,
  running: 0,
  succeeded: 0,
  failed: 0,
  cancelled: 0,
  simulated: 0,
  failureReasons: [],
  phases: [],
};
const seconds = { samples: 3, average: 400, p50: 380, p95: 610 };
const style = new Style(false);

describe('the table of metrics', () => {
  test('shows each group, all launches together, and the duration of the phases', () => {
    const metrics: LaunchMetrics = {
      groupBy: ['provider', 'spot'],
      groups: [
        {
          ...EMPTY,
          group: { provider: 'aws', spot: true },
          launches: 4,
          successRate: 0.75,
          launchSeconds: seconds,
          costTotal: { ...seconds, total: 1.5 },
          failureReasons: [{ reason: 'quota', launches: 1 }],
        },
      ],
      total: { ...EMPTY, launches: 4, simulated: 2, phases: [{ phase: 'provisioning', ...seconds }] },
      truncated: true,
    };
    expect(metricsTable(metrics, { style }).split('\n')).toEqual([
      'PROVIDER  SPOT  LAUNCHES  SUCCESS  P50     P95      COST   FAILED MOST BY',
      'aws       true  4         75%      6m 20s  10m 10s  $1.50  quota (1)',
      'all             4         –        –       –        –',
      '',
      'PHASE         P50     P95      OF LAUNCHES',
      'provisioning  6m 20s  10m 10s  3',
      'There are more groups: narrow them down with --since or a filter.',
      '2 of the launches were simulated.',
    ]);
  });

  test('shows dashes for unknown values if there were no launches', () => {
    const text = metricsTable({ groupBy: [], groups: [], total: EMPTY, truncated: false }, { style });
    expect(text.split('\n')).toEqual([
      'LAUNCHES  SUCCESS  P50  P95  COST  FAILED MOST BY',
      '0         –        –    –    –',
    ]);
  });

  test('shows losses, uptime and the cost of a useful hour where nodes were active', () => {
    const total: LaunchMetricsGroup = {
      ...EMPTY,
      launches: 5,
      lost: 2,
      preempted: 1,
      activeSeconds: { ...seconds, total: 36_000 },
      meanSecondsToLoss: 18_000,
      uptime: 0.987,
      costPerUsefulHour: 2.345,
    };
    const old = { ...EMPTY, group: { provider: 'aws' } };
    const metrics = { groupBy: ['provider'], groups: [old], total, truncated: false } satisfies LaunchMetrics;
    expect(metricsTable(metrics, { style }).split('\n')).toEqual([
      'PROVIDER  LAUNCHES  SUCCESS  P50  P95  COST  LOST            UPTIME  $/USEFUL H  FAILED MOST BY',
      'aws       0         –        –    –    –     –               –       –',
      'all       5         –        –    –    –     2 after 5h 00m  98.7%   $2.35',
    ]);
  });

  test.each([40, 60, 80])(
    'leaves out columns until no row wraps at %i columns, and keeps the success',
    (columns) => {
      const total = {
        ...EMPTY,
        launches: 5_004,
        successRate: 0.82,
        launchSeconds: seconds,
        costTotal: { ...seconds, total: 499_668.84 },
        activeSeconds: { ...seconds, total: 36_000 },
        failureReasons: [{ reason: 'no_capacity', launches: 125 }],
        phases: [{ ...seconds, phase: 'provisioning', p50: 3_700, p95: 36_600, samples: 5_004 }],
      } satisfies LaunchMetricsGroup;
      const group = { ...total, group: { provider: 'lambda', region: 'eu-central-1' } };
      const metrics = {
        groupBy: ['provider', 'region'],
        groups: [group],
        total,
        truncated: false,
      } satisfies LaunchMetrics;
      const lines = metricsTable(metrics, { style, columns }).split('\n');
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
      expect(lines[0]).toMatch(/^PROVIDER +REGION .*SUCCESS/);
      expect(metricsTable(metrics, { style })).toContain('$499,668.84');
    },
  );
});
