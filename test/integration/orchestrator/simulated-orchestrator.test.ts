import { request } from 'node:http';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { Observer } from '@launchlog/server/orchestrator/observer';
import type { LaunchSpec, Observation } from '@launchlog/server/orchestrator/orchestrator';
import { SimulatedOrchestrator } from '@launchlog/server/orchestrator/simulated-orchestrator';
import { LogRedactor } from '@launchlog/server/redaction/redactor';
import { launchRequestSchema, type SimulatorScenario } from '@launchlog/shared/launch-request';
import { collect } from '../../support/collect.js';
import { eventually, within } from '../../support/within.js';

const MODEL = 'meta-llama/Llama-2-7b-chat-hf';
const SPEED = 2_000;
const opened: SimulatedOrchestrator[] = [];

afterEach(async () => {
  for (const simulator of opened.splice(0)) await simulator.close();
});

function newSimulator(speed = SPEED, warn?: (message: string) => void): SimulatedOrchestrator {
  const simulator = new SimulatedOrchestrator({
    clock: systemClock,
    speed,
    scenario: 'success',
    ...(warn && { warn }),
  });
  opened.push(simulator);
  return simulator;
}

function newSpec(simulatorScenario?: SimulatorScenario): LaunchSpec {
  const request = launchRequestSchema.parse({
    provider: 'aws',
    region: 'us-west-2',
    gpu: 'A100',
    model: MODEL,
    simulatorScenario,
  });
  return {
    nodeId: 'n',
    clusterName: 'cic-aws-uswest2-a100-spot-550e84',
    request,
    secrets: {},
    handle: undefined,
    checkpoint: undefined,
  };
}

const never = new AbortController().signal;

/** Returns what the launch reports; with `lines`, stops after that many lines, as after a kill. */
async function follow(simulator: SimulatedOrchestrator, start: LaunchSpec, lines = Infinity) {
  let spec = start;
  const seen: Observation[] = [];
  for await (const observation of simulator.launch(spec, never)) {
    seen.push(observation);
    if (observation.kind === 'handle') spec = { ...spec, handle: observation.handle };
    if (observation.kind === 'line' && observation.checkpoint !== undefined)
      spec = { ...spec, checkpoint: observation.checkpoint };
    if (linesOf(seen).length >= lines) break;
  }
  return { seen, spec };
}

/** Begins to follow a launch; resolves once it has reported something. */
async function begin(simulator: SimulatedOrchestrator) {
  const seen: Observation[] = [];
  const watch = async () => {
    for await (const observation of simulator.launch(newSpec(), never)) seen.push(observation);
    return seen;
  };
  const ended = watch();
  await expect.poll(() => seen.length).toBeGreaterThan(0);
  return { ended };
}

const linesOf = (seen: readonly Observation[]) =>
  seen.flatMap((item) => (item.kind === 'line' ? item.text : []));
const portOf = (spec: LaunchSpec): number => (JSON.parse(spec.handle ?? '{}') as { port: number }).port;

function outcome(seen: readonly Observation[]) {
  const observer = new Observer({ kind: 'simulated', redactor: new LogRedactor() });
  return seen.flatMap((observation) => observer.observe(observation) ?? []).at(-1)?.event;
}

describe('SimulatedOrchestrator', () => {
  test('reports its handle before anything else', async () => {
    const { seen } = await follow(newSimulator(), newSpec(), 1);
    expect(seen[0]?.kind).toBe('handle');
  });

  test('serves a real endpoint that is healthy, names the model and declares itself simulated', async () => {
    const { seen } = await follow(newSimulator(), newSpec());
    const last = seen.at(-1);
    expect(last?.kind).toBe('serving');
    const endpoint = last?.kind === 'serving' ? last.endpoint : '';
    expect((await fetch(`${endpoint}/health`)).status).toBe(200);
    expect(await (await fetch(`${endpoint}/v1/models`)).json()).toMatchObject({ data: [{ id: MODEL }] });
    const completion = await fetch(`${endpoint}/v1/completions`, { method: 'POST', body: '{"prompt":"hi"}' });
    expect(await completion.text()).toContain('simulated model server');
    expect((await fetch(`${endpoint}/nothing`)).status).toBe(404);
    for (const path of ['//', '/%', '/health?x=1', '*']) {
      const { port } = new URL(endpoint);
      const status = await new Promise((resolve) =>
        request({ port, path, agent: false }, (answer) => resolve(answer.resume().statusCode)).end(),
      );
      expect(status).toBe(path.startsWith('/health') ? 200 : 404);
    }
  });

  test.each([200, 100_000])(
    'at speed %i its endpoint refuses connections until it answers 200',
    async (speed) => {
      const { seen } = await follow(newSimulator(speed), newSpec());
      const probes = seen.flatMap((item) =>
        item.kind === 'probe' && item.probe.target === 'health' ? item.probe : [],
      );
      expect(probes[0]).toMatchObject({ status: undefined, message: 'connection refused' });
      expect(probes.at(-1)?.status).toBe(200);
      expect(new Set(probes.map(({ status }) => status))).toEqual(new Set([undefined, 200]));
    },
  );

  test('the endpoint is probed after the last line and before it serves', async () => {
    const { seen } = await follow(newSimulator(), newSpec());
    const kinds = seen.map(({ kind }) => kind);
    expect(kinds.indexOf('probe')).toBeGreaterThan(kinds.lastIndexOf('line'));
    expect(kinds.indexOf('probe')).toBeLessThan(kinds.indexOf('serving'));
  });

  test.each([
    ['no-capacity', { kind: 'serving' }],
    ['quota', { kind: 'failed', reason: 'quota' }],
    [
      'setup-error',
      { kind: 'failed', reason: 'setup_failed', message: expect.stringContaining('No solution found') },
    ],
    [
      'out-of-memory',
      { kind: 'failed', reason: 'model_load_failed', message: expect.stringContaining('CUDA out of memory') },
    ],
    ['never-healthy', { kind: 'failed', reason: 'unhealthy' }],
  ] as const)('the scenario %s ends as it should', async (scenario, event) => {
    const { seen } = await follow(newSimulator(), newSpec(scenario));
    expect(outcome(seen)).toMatchObject(event);
  });

  test('after a kill at any tenth line another process resumes the launch: every line appears once, in order', async () => {
    const whole = linesOf((await follow(newSimulator(10_000), newSpec())).seen);
    for (let kill = 1; kill < whole.length; kill += 10) {
      const first = await follow(newSimulator(10_000), newSpec(), kill);
      await opened.pop()?.close();
      const second = await follow(newSimulator(10_000), first.spec);
      await opened.pop()?.close();
      const lines = [...linesOf(first.seen), ...linesOf(second.seen)].map(withoutTimes);
      expect(lines).toEqual(whole.map(withoutTimes));
      expect(second.seen.at(-1)?.kind).toBe('serving');
    }
  });

  test('everything that would have happened while no server ran is reported at once', async () => {
    const first = await follow(newSimulator(1), newSpec(), 1);
    const handle = JSON.parse(first.spec.handle ?? '') as { startedAt: number };
    const later = JSON.stringify({ ...handle, startedAt: handle.startedAt - 3_600_000 });
    const following = follow(newSimulator(1), { ...first.spec, handle: later });
    const { seen } = await within('the launch', following);
    expect(seen.at(-1)?.kind).toBe('serving');
  });

  test('a launch keeps its scenario and its speed when the settings change', async () => {
    const first = await follow(newSimulator(SPEED), newSpec('setup-error'), 3);
    const slow = new SimulatedOrchestrator({ clock: systemClock, speed: 0.001, scenario: 'success' });
    opened.push(slow);
    const { seen } = await follow(slow, first.spec);
    expect(outcome(seen)).toMatchObject({ reason: 'setup_failed' });
  });

  test('a clock that was set back does not delay the launch', async () => {
    const first = await follow(newSimulator(), newSpec(), 20);
    const handle = JSON.parse(first.spec.handle ?? '') as { startedAt: number };
    const spec = {
      ...first.spec,
      handle: JSON.stringify({ ...handle, startedAt: handle.startedAt + 86_400_000 }),
    };
    expect((await follow(newSimulator(), spec)).seen.at(-1)?.kind).toBe('serving');
  });

  test('a restart reopens the endpoint of an active node on its port', async () => {
    const { spec } = await follow(newSimulator(), newSpec());
    await opened.pop()?.close();
    await expect(fetch(`http://127.0.0.1:${portOf(spec)}/health`)).rejects.toThrow('fetch failed');
    await newSimulator().restore(spec);
    expect((await fetch(`http://127.0.0.1:${portOf(spec)}/health`)).status).toBe(200);
  });

  test('a port that another program has taken is left alone, with a warning', async () => {
    const { spec } = await follow(newSimulator(), newSpec());
    await opened.pop()?.close();
    const other = createServer().listen(portOf(spec), '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const warnings: string[] = [];
    await newSimulator(SPEED, (message) => warnings.push(message)).restore(spec);
    await new Promise((resolve) => other.close(resolve));
    expect(warnings).toEqual([expect.stringContaining('could not be reopened')]);
  });

  test('a launch that is resumed takes another port if its own is taken', async () => {
    const first = await follow(newSimulator(), newSpec());
    await opened.pop()?.close();
    const other = createServer((socket) => socket.destroy()).listen(portOf(first.spec), '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const second = await follow(newSimulator(), first.spec);
    await new Promise((resolve) => other.close(resolve));
    expect(second.seen.at(-1)?.kind).toBe('serving');
    expect(portOf(second.spec)).not.toBe(portOf(first.spec));
  });

  test('tearing down reports what it terminates, closes the endpoint, and may be repeated', async () => {
    const simulator = newSimulator();
    const { spec } = await follow(simulator, newSpec());
    for (let time = 0; time < 2; time += 1) {
      const seen = await collect(simulator.tearDown(spec, never));
      expect(JSON.stringify(seen)).toContain(`Terminating cluster ${spec.clusterName}...done.`);
    }
    await expect(fetch(`http://127.0.0.1:${portOf(spec)}/health`)).rejects.toThrow('fetch failed');
  });

  test('tearing down by another server closes the endpoint, too', async () => {
    const { spec } = await follow(newSimulator(), newSpec());
    const another = { ...spec, clusterName: 'cic-another' };
    await collect(newSimulator().tearDown(another, never));
    expect((await fetch(`http://127.0.0.1:${portOf(spec)}/health`)).status).toBe(200);
    await collect(newSimulator().tearDown(spec, never));
    await expect(fetch(`http://127.0.0.1:${portOf(spec)}/health`)).rejects.toThrow('fetch failed');
  });

  test('tearing down a launch that never was reports that there is nothing', async () => {
    const seen = await collect(newSimulator().tearDown(newSpec(), never));
    expect(seen).toMatchObject([{ kind: 'action', message: expect.stringContaining('Nothing') }]);
  });

  test('tearing down ends a launch that runs', async () => {
    const simulator = newSimulator(1);
    const running = await begin(simulator);
    const handle = JSON.stringify({ startedAt: Date.now(), scenario: 'success', speed: SPEED, seed: 'x' });
    await collect(simulator.tearDown({ ...newSpec(), handle }, never));
    expect((await running.ended).at(-1)?.kind).not.toBe('serving');
  });

  test('the signal ends the iteration at once and without an error', async () => {
    const stop = new AbortController();
    const seen: Observation[] = [];
    const watching = async () => {
      for await (const observation of newSimulator(1).launch(newSpec(), stop.signal)) {
        seen.push(observation);
        if (observation.kind === 'line') systemClock.after(10, () => stop.abort(new Error('stop')));
      }
    };
    await within('the end of the watching', watching());
    expect(seen.length).toBeGreaterThan(2);
  });

  test('closing ends launches and endpoints, is idempotent, and leaves nothing open', async () => {
    const open = () => process.getActiveResourcesInfo().length;
    const before = open();
    const simulator = newSimulator(1);
    await follow(newSimulator(), newSpec());
    const running = await begin(simulator);
    for (const one of opened) await one.close();
    await simulator.close();
    await running.ended;
    // `expect.poll` has a timer of its own, which would count as open.
    expect(await eventually('all to be closed', () => open() <= before)).toBe(true);
  });

  test('a node of another orchestrator is refused', async () => {
    await expect(follow(newSimulator(), { ...newSpec(), handle: '{"requestId":"x"}' })).rejects.toThrow(
      'not launched by the simulator',
    );
  });
});

/** The lines show the time of their launch. */
function withoutTimes(line: string): string {
  return line.replaceAll(/\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{3})?/g, 'TIME');
}
