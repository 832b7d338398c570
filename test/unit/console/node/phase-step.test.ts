import { describe, expect, test } from 'vitest';
import { phaseSteps } from '@launchlog/console/node/phase-step';
import { sampleNode } from '../../../support/sample/sample-node.js';

const NOW = Date.parse('2026-01-01T00:05:00.000Z');
const states = (node: Parameters<typeof phaseSteps>[0]) => phaseSteps(node, NOW).map((step) => step.state);

describe('the phase timeline', () => {
  test('the current phase counts up, earlier ones have their durations, later ones wait', () => {
    const node = sampleNode({
      phase: 'instance_ready',
      phaseStartedAt: '2026-01-01T00:04:30.000Z',
      phaseSeconds: { queued: 1, provisioning: 200 },
    });
    const steps = phaseSteps(node, NOW);
    expect(steps.slice(0, 4).map((step) => [step.state, step.durationMs])).toEqual([
      ['done', 1_000],
      ['done', 200_000],
      ['running', 30_000],
      ['waiting', undefined],
    ]);
  });

  test('a failed launch shows the phase in which it failed', () => {
    const node = sampleNode({
      status: 'failed',
      phase: 'failed',
      phaseSeconds: { queued: 1, provisioning: 9 },
    });
    expect(states(node)).toEqual(['done', 'failed', 'waiting', 'waiting', 'waiting', 'waiting', 'waiting']);
  });

  test('a phase that was never seen is marked as skipped', () => {
    const phaseSeconds = { queued: 1, provisioning: 9, installing: 5, model_loading: 5, health_check: 1 };
    const node = sampleNode({ status: 'active', phase: 'active', phaseSeconds });
    expect(states(node)).toEqual(['done', 'done', 'skipped', 'done', 'done', 'done', 'done']);
  });

  test('a browser whose clock is behind shows no negative duration', () => {
    const node = sampleNode({ phase: 'queued', phaseStartedAt: '2026-01-01T00:09:00.000Z' });
    expect(phaseSteps(node, NOW)[0]?.durationMs).toBe(0);
  });
});
