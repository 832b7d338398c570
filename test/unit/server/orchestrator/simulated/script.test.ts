import { describe, expect, test } from 'vitest';
import { Observer } from '@launchlog/server/orchestrator/observer';
import { simulatedScript } from '@launchlog/server/orchestrator/simulated/script';
import type { SimulatedStep } from '@launchlog/server/orchestrator/simulated/stage';
import { simulatedWeights } from '@launchlog/server/orchestrator/simulated/vllm-output';
import { LogRedactor } from '@launchlog/server/redaction/redactor';
import {
  type LaunchRequestInput,
  launchRequestSchema,
  PROVIDERS,
  SIMULATOR_SCENARIOS,
  type SimulatorScenario,
} from '@launchlog/shared/launch-request';

const STARTED_AT = Date.UTC(2026, 10, 23, 12);

function script(
  scenario: SimulatorScenario,
  request: Partial<LaunchRequestInput> = {},
  seed = 'cic-a',
): readonly SimulatedStep[] {
  const full = launchRequestSchema.parse({
    provider: 'aws',
    region: 'us-west-2',
    gpu: 'A100',
    model: 'meta-llama/Llama-2-7b-chat-hf',
    ...request,
  });
  const spec = {
    nodeId: 'n',
    clusterName: seed,
    request: full,
    secrets: {},
    handle: undefined,
    checkpoint: undefined,
  };
  return simulatedScript({ spec, scenario, seed, startedAt: STARTED_AT });
}

function observed(steps: readonly SimulatedStep[]) {
  const observer = new Observer({ kind: 'simulated', redactor: new LogRedactor() });
  return steps.flatMap((step) => (step.kind === 'line' ? (observer.observe(step) ?? []) : []));
}

const kindsOf = (steps: readonly SimulatedStep[]) =>
  [...new Set(observed(steps).map(({ event }) => event?.kind))].filter(Boolean);

describe('a simulated launch', () => {
  test.each(SIMULATOR_SCENARIOS)('of scenario %s is the same every time for one cluster name', (scenario) => {
    expect(script(scenario)).toEqual(script(scenario));
  });

  test('differs between cluster names', () => {
    expect(script('success', {}, 'cic-a')).not.toEqual(script('success', {}, 'cic-b'));
  });

  test.each(SIMULATOR_SCENARIOS)('of scenario %s never goes back in time', (scenario) => {
    const times = script(scenario).map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('takes about four minutes', () => {
    const minutes = (script('success').at(-1)?.atMs ?? 0) / 60_000;
    expect(minutes).toBeGreaterThan(3);
    expect(minutes).toBeLessThan(5);
  });

  test('that succeeds goes through all events in order', () => {
    expect(kindsOf(script('success'))).toEqual([
      'offer_priced',
      'offer_tried',
      'provisioning_step',
      'instance_up',
      'installing_step',
      'model_loading_step',
      'startup_complete',
    ]);
  });

  test('without capacity fails over to a second region and comes up there', () => {
    const events = observed(script('no-capacity')).flatMap(({ event }) => event ?? []);
    const offers = events.flatMap((event) => (event.kind === 'offer_tried' ? event.offer.region : []));
    expect(offers).toEqual(['us-west-2', 'us-east-1']);
    expect(events.filter(({ kind }) => kind === 'offer_failed')).toMatchObject([{ reason: 'no_capacity' }]);
    expect(events.at(-1)?.kind).toBe('startup_complete');
  });

  test('without quota is refused twice and ends', () => {
    const steps = script('quota');
    const events = observed(steps).flatMap(({ event }) => event ?? []);
    expect(events.filter(({ kind }) => kind === 'offer_failed')).toMatchObject([
      { reason: 'quota' },
      { reason: 'quota' },
    ]);
    expect(steps.at(-1)).toMatchObject({ kind: 'failed', reason: 'no_capacity' });
  });

  test.each([
    ['setup-error', 'setup_failed'],
    ['out-of-memory', 'model_load_failed'],
  ] as const)('of scenario %s ends with %s and is never probed', (scenario, reason) => {
    const steps = script(scenario);
    expect(steps.at(-1)).toMatchObject({ kind: 'failed', reason });
    expect(steps.some(({ kind }) => kind === 'probe')).toBe(false);
    expect(observed(steps).some(({ level }) => level === 'error')).toBe(true);
  });

  test('that never becomes healthy is probed for ten minutes and never listens', () => {
    const last = script('never-healthy').at(-1);
    expect(last?.kind === 'probe' && last.untilMs - last.atMs).toBe(600_000);
    expect(last).toMatchObject({ kind: 'probe', readyAtMs: undefined });
  });

  test('that succeeds listens after the first probe', () => {
    const last = script('success').at(-1);
    expect(last?.kind === 'probe' && Number(last.readyAtMs) - last.atMs).toBeGreaterThan(0);
  });

  test.each(PROVIDERS)('on %s tries the requested region and prints a price', (provider) => {
    const events = observed(script('success', { provider, gpu: 'H100', gpuCount: 2 })).flatMap(
      ({ event }) => event ?? [],
    );
    const priced = events.find((event) => event.kind === 'offer_priced');
    expect(priced?.kind === 'offer_priced' && priced.price).toBeGreaterThan(0.1);
    expect(priced?.kind === 'offer_priced' && priced.offer.region).toBe('us-west-2');
    expect(events.some(({ kind }) => kind === 'offer_tried')).toBe(true);
  });

  test('a spot machine is cheaper than one on demand', () => {
    const price = (useSpot: boolean) => {
      const event = observed(script('success', { useSpot })).find(
        (seen) => seen.event?.kind === 'offer_priced',
      )?.event;
      return event?.kind === 'offer_priced' ? event.price : Number.NaN;
    };
    expect(price(true)).toBeLessThan(price(false));
  });

  test('with the Run:ai streamer prints its name and is parsed in the same way', () => {
    const seen = observed(script('success', { useRunaiStreamer: true })).filter(
      ({ details }) => details?.['tensors'] !== undefined,
    );
    expect(seen.length).toBe(5);
    expect(seen[0]?.message).toContain('Runai Model Streamer');
  });

  test('shows no control text and no colours to people', () => {
    for (const scenario of SIMULATOR_SCENARIOS) {
      for (const { message } of observed(script(scenario)))
        for (const raw of ['sky-payload', 'rich_', '[bold', '\u001b', '\r'])
          expect(message).not.toContain(raw);
    }
  });

  test.each([
    ['meta-llama/Llama-2-7b-chat-hf', 3],
    ['meta-llama/Llama-3.1-70B-Instruct', 29],
    ['mistralai/Mixtral-8x7B-Instruct-v0.1', 23],
    ['Qwen/Qwen2.5-0.5B', 1],
    ['org/nameless', 4],
    ['org/huge-9999B', 64],
  ])('of %s loads %i shards', (model, shards) => {
    expect(simulatedWeights(model).shards).toBe(shards);
    const seen = observed(script('success', { model })).filter(
      ({ details }) => details?.['shards'] === shards,
    );
    expect(seen.length).toBeGreaterThan(1);
  });
});
