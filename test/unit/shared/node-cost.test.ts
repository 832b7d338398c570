import { describe, expect, test } from 'vitest';
import { aboutDollars, formatDollars } from '@launchlog/shared/cost/dollars';
import { costSoFar } from '@launchlog/shared/node-cost';
import { sampleNode } from '../../support/sample/sample-node.js';

const NOW = Date.parse('2026-01-01T02:00:00.000Z');
const up = {
  pricePerHour: 2,
  attempts: [{ cloud: 'AWS', outcome: 'won' as const }],
  phaseSeconds: { queued: 60, provisioning: 3_540 },
};

describe('the cost so far', () => {
  test('is counted from the moment the instance was up', () => {
    expect(costSoFar(sampleNode(up), NOW)).toBeCloseTo(2);
  });

  test('stops when the node is terminated', () => {
    const gone = sampleNode({ ...up, status: 'terminated', terminatedAt: '2026-01-01T01:30:00.000Z' });
    expect(costSoFar(gone, NOW)).toBeCloseTo(1);
    const lost = sampleNode({ ...up, status: 'lost', terminatedAt: '2026-01-01T01:30:00.000Z' });
    expect(costSoFar(lost, NOW)).toBeCloseTo(1);
    const failed = sampleNode({ ...up, status: 'failed', endedAt: '2026-01-01T01:15:00.000Z' });
    expect(costSoFar(failed, NOW)).toBeCloseTo(0.5);
  });

  test('is unknown without a price and before an instance was won', () => {
    expect(costSoFar(sampleNode({ ...up, attempts: [] }), NOW)).toBeUndefined();
    expect(costSoFar(sampleNode({ ...up, phaseSeconds: { queued: 1 } }), NOW)).toBeUndefined();
    expect(costSoFar(sampleNode({ phaseSeconds: up.phaseSeconds }), NOW)).toBeUndefined();
  });

  test('is shown even below one cent', () => {
    expect([0, 0.004, 1.239].map(formatDollars)).toEqual(['$0.00', '< $0.01', '$1.24']);
    expect([0, 0.004, 1.239].map(aboutDollars)).toEqual(['about $0.00', 'less than $0.01', 'about $1.24']);
  });
});
