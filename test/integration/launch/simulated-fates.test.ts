import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { HttpEndpointProbe } from '@launchlog/server/health/http-endpoint-probe';
import type { LaunchSpec } from '@launchlog/server/orchestrator/orchestrator';
import { SimulatedOrchestrator } from '@launchlog/server/orchestrator/simulated-orchestrator';
import type { SimulatorScenario } from '@launchlog/shared/launch-request';
import { launchRequest } from '../../support/sample/new-node.js';
import { eventually } from '../../support/within.js';

/** A launch of four simulated minutes takes a few hundredths of a second. */
const SPEED = 5_000;
const never = new AbortController().signal;
const opened: SimulatedOrchestrator[] = [];
const probe = new HttpEndpointProbe(systemClock);

afterEach(async () => {
  for (const simulator of opened.splice(0)) await simulator.close();
});

function simulator(fateMinutes: number): SimulatedOrchestrator {
  const made = new SimulatedOrchestrator({
    clock: systemClock,
    speed: SPEED,
    scenario: 'success',
    fateMinutes,
  });
  opened.push(made);
  return made;
}

/** Launches until the node serves. */
async function launched(scenario: SimulatorScenario, fateMinutes: number) {
  const made = simulator(fateMinutes);
  const request = launchRequest({ simulatorScenario: scenario });
  const clusterName = 'cic-aws-uswest2-a100-spot-550e84';
  let spec: LaunchSpec = {
    nodeId: 'n',
    clusterName,
    request,
    secrets: {},
    handle: undefined,
    checkpoint: undefined,
  };
  let endpoint = '';
  for await (const seen of made.launch(spec, never)) {
    if (seen.kind === 'handle') spec = { ...spec, handle: seen.handle };
    if (seen.kind === 'serving') endpoint = seen.endpoint;
  }
  const cluster = { clusterName, useSpot: true, handle: spec.handle };
  return {
    spec,
    endpoint,
    sight: async (by = made) => (await by.look([cluster])).get(clusterName),
    ask: () =>
      probe.ask({ endpoint, sign: { kind: 'models', names: [request.model] }, timeoutMs: 20_000 }, never),
    metrics: async () => (await fetch(`${endpoint}/metrics`)).text(),
  };
}

describe('what happens to a simulated node', () => {
  test('forgotten: SkyPilot does not know its machine any more, and its endpoint answers', async () => {
    const node = await launched('forgotten', 0);
    await eventually('the oversight', async () => (await node.sight())?.kind === 'gone');
    expect(await node.ask()).toMatchObject({ ok: true, answered: true });
    const another = simulator(1_000);
    expect(await node.sight(another)).toMatchObject({ kind: 'gone', reason: 'deleted' });
  });

  test.each([
    ['preempted', 'preempted'],
    ['vanished', 'deleted'],
  ] as const)(
    '%s: its machine is gone for every server, and its endpoint is silent',
    async (scenario, reason) => {
      const node = await launched(scenario, 1);
      await eventually('the end of the model server', async () => !(await node.ask()).answered);
      expect(await node.sight()).toMatchObject({ kind: 'gone', reason });
      const another = simulator(1_000);
      expect(await node.sight(another)).toMatchObject({ kind: 'gone', reason });
      await another.restore(node.spec);
      expect(await node.ask()).toMatchObject({
        ok: false,
        answered: false,
        message: 'the connection is refused',
      });
    },
  );

  test('server-dies: the endpoint is silent, and the machine is there', async () => {
    const node = await launched('server-dies', 1);
    await eventually('the end of the model server', async () => !(await node.ask()).answered);
    expect(await node.sight()).toEqual({ kind: 'there', state: 'UP' });
  });

  test('slow: the model server takes seconds to answer', async () => {
    const node = await launched('slow', 0);
    const answer = await node.ask();
    expect(answer).toMatchObject({ ok: true, answered: true });
    expect(answer.tookMs).toBeGreaterThan(2_000);
  });

  test('idle: the model server works on no request any more; others do', async () => {
    expect(await (await launched('idle', 0)).metrics()).toContain('vllm:num_requests_running{model_name=');
    expect(await (await launched('idle', 0)).metrics()).toMatch(/num_requests_running\{.*\} 0\.0/);
    expect(await (await launched('success', 0)).metrics()).toMatch(/num_requests_running\{.*\} 1\.0/);
  });

  test('nothing before its time, and nothing at all in the scenario success', async () => {
    for (const node of [await launched('preempted', 10_000), await launched('success', 0)]) {
      expect(await node.ask()).toMatchObject({ ok: true, message: 'it answers' });
      expect(await node.sight()).toEqual({ kind: 'there', state: 'UP' });
    }
  });
});
