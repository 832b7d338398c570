import { describe, expect, test } from 'vitest';
import { formatCount, formatRate, formatSeconds } from '@launchlog/console/metrics/group-name';
import { metricsQuery, readMetricsView } from '@launchlog/console/metrics/metrics-window';

const NOW = Date.parse('2026-02-01T00:00:00.000Z');

describe('the query of the metrics page', () => {
  test('is the last 30 days by provider if the URL is empty or invalid', () => {
    for (const search of ['', 'window=9y&by=colour']) {
      expect(metricsQuery(readMetricsView(new URLSearchParams(search)), NOW)).toEqual({
        groupBy: ['provider'],
        since: '2026-01-02T00:00:00.000Z',
      });
    }
  });

  test('follows the URL', () => {
    expect(metricsQuery(readMetricsView(new URLSearchParams('window=all&by=gpu')), NOW)).toEqual({
      groupBy: ['gpu'],
    });
  });

  test('numbers are rounded to a useful precision', () => {
    expect([0.42, 59.6, 185].map(formatSeconds)).toEqual(['0.4 s', '60 s', '3 min 5 s']);
    expect([0, 999, 1_444].map(formatCount)).toEqual(['0', '999', '1,444']);
    expect([undefined, 1, 0.9333].map(formatRate)).toEqual(['–', '100 %', '93.3 %']);
  });
});
