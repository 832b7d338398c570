import { describe, expect, test } from 'vitest';
import type { Launch } from '@launchlog/server/launch/launch';
import { transition } from '@launchlog/server/launch/transition';
import { Observer } from '@launchlog/server/orchestrator/observer';
import type { Observation } from '@launchlog/server/orchestrator/orchestrator';
import { simulatedScript } from '@launchlog/server/orchestrator/simulated/script';
import { LogRedactor } from '@launchlog/server/redaction/redactor';
import { launchRequestSchema, type SimulatorScenario } from '@launchlog/shared/launch-request';
import { phaseRank, PROGRESS_BANDS } from '@launchlog/shared/phase';
import { newLaunch } from '../../../support/sample/new-launch.js';

/** Returns every state of a launch with these observations. */
function statesOf(observations: readonly Observation[]): Launch[] {
  const observer = new Observer({ kind: 'skypilot-api', redactor: new LogRedactor() });
  const states = [newLaunch(0)];
  for (const [at, observation] of observations.entries()) {
    const event = observer.observe(observation)?.event;
    const last = states.at(-1) ?? newLaunch(0);
    states.push(event === undefined ? last : transition(last, event, at));
  }
  return states;
}

function simulated(scenario: SimulatorScenario): Observation[] {
  const request = launchRequestSchema.parse({
    provider: 'gcp',
    region: 'us-central1',
    gpu: 'H100',
    model: 'org/model-13b',
  });
  const spec = {
    nodeId: 'n',
    clusterName: 'cic-x',
    request,
    secrets: {},
    handle: undefined,
    checkpoint: undefined,
  };
  const steps = simulatedScript({ spec, scenario, seed: 'cic-x', startedAt: 0 });
  const lines = steps.flatMap((step): Observation[] =>
    step.kind === 'line' || step.kind === 'failed' ? [step] : [],
  );
  return [{ kind: 'submitted' }, ...lines];
}

const probe = (status: number | undefined, target: 'health' | 'models' = 'health'): Observation => ({
  kind: 'probe',
  probe: { url: 'http://x', target, status, ok: status === 200, message: String(status), attempt: 1 },
});

const UP: readonly Observation[] = [
  probe(undefined),
  probe(503),
  probe(200),
  probe(200, 'models'),
  { kind: 'serving', endpoint: 'http://x' },
];

describe.each([
  ['success', UP, 'active', ['won']],
  ['no-capacity', UP, 'active', ['failed', 'won']],
  ['quota', [], 'failed', ['failed', 'failed']],
  ['setup-error', [], 'failed', ['won']],
  ['out-of-memory', [], 'failed', ['won']],
  ['never-healthy', [probe(503), { kind: 'failed', reason: 'unhealthy', message: 'x' }], 'failed', ['won']],
] as const)('the launch %s, as it is observed', (scenario, end, phase, outcomes) => {
  const states = statesOf([...simulated(scenario), ...(end as readonly Observation[])]);

  test(`ends ${phase}, with its trail of attempts`, () => {
    expect(states.at(-1)?.phase).toBe(phase);
    expect(states.at(-1)?.attempts.map(({ outcome }) => outcome)).toEqual(outcomes);
    expect(states.at(-1)?.attempts.every(({ price }) => price !== undefined && price > 0)).toBe(true);
  });

  test('never moves back in phase or progress, and keeps progress in the range of its phase', () => {
    for (const [at, state] of states.entries()) {
      const before = states[at - 1] ?? state;
      expect(phaseRank(state.phase)).toBeGreaterThanOrEqual(phaseRank(before.phase));
      expect(state.progress).toBeGreaterThanOrEqual(before.progress);
      if (state.phase === 'failed') continue;
      const { from, to } = PROGRESS_BANDS[state.phase];
      expect(state.progress).toBeGreaterThanOrEqual(from);
      expect(state.progress).toBeLessThanOrEqual(to);
    }
  });
});

describe('a launch that succeeds', () => {
  const states = statesOf([...simulated('success'), ...UP]);

  test('goes through each phase', () => {
    expect([...new Set(states.map(({ phase }) => phase))]).toEqual([
      'queued',
      'provisioning',
      'instance_ready',
      'installing',
      'model_loading',
      'health_check',
      'active',
    ]);
  });

  test('progresses within the long phases with its observations', () => {
    for (const [phase, steps] of [
      ['provisioning', 3],
      ['installing', 6],
      ['model_loading', 8],
    ] as const) {
      const seen = new Set(states.filter((state) => state.phase === phase).map(({ progress }) => progress));
      expect(seen.size).toBeGreaterThanOrEqual(steps);
    }
  });
});

test('silence of the endpoint while the model is being loaded does not begin the health check', () => {
  const loading: Observation = {
    kind: 'line',
    stream: 'job',
    text: '(vllm, pid=1) INFO 11-23 12:00:00 [x.py:1] Starting to load model a/b...',
  };
  expect(statesOf([{ kind: 'submitted' }, loading, probe(undefined), probe(undefined)]).at(-1)?.phase).toBe(
    'model_loading',
  );
});
