import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LaunchSpec, Observation } from '@launchlog/server/orchestrator/orchestrator';
import { SkypilotApiOrchestrator } from '@launchlog/server/orchestrator/skypilot-api-orchestrator';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SkypilotApiStandIn } from '../../support/skypilot/api-stand-in.js';
import { hurriedClock } from '../../support/skypilot/hurried-clock.js';
import { collect } from '../../support/collect.js';
import { skypilotLaunchSpec, textOf } from '../../support/skypilot/launch-spec.js';

const never = new AbortController().signal;
const MODEL = 'meta-llama/Llama-2-7b-chat-hf';

describe('a launch through the API server', () => {
  let standIn: SkypilotApiStandIn;
  let orchestrator: SkypilotApiOrchestrator;
  let modelServer: Server;

  beforeEach(async () => {
    standIn = await SkypilotApiStandIn.start();
    modelServer = createServer((request, response) => {
      response.end(request.url === '/v1/models' ? JSON.stringify({ data: [{ id: MODEL }] }) : '');
    });
    await new Promise<void>((resolve) => modelServer.listen(0, '127.0.0.1', resolve));
    standIn.modelServer = `127.0.0.1:${(modelServer.address() as AddressInfo).port}`;
    orchestrator = open();
  });
  afterEach(async () => {
    await orchestrator.close();
    await standIn.close();
    modelServer.closeAllConnections();
    await new Promise((resolve) => modelServer.close(resolve));
  });

  function open(token?: string): SkypilotApiOrchestrator {
    const address = { endpoint: standIn.endpoint, token };
    return new SkypilotApiOrchestrator({ address, clock: hurriedClock(20), otherRegions: true });
  }

  async function launch(spec: LaunchSpec = skypilotLaunchSpec()): Promise<Observation[]> {
    return collect(orchestrator.launch(spec, never));
  }

  function checkpointsOf(observations: readonly Observation[]): string[] {
    return observations.flatMap((one) => (one.kind === 'line' && one.checkpoint ? [one.checkpoint] : []));
  }

  test('reports the handle before everything else of the launch, and ends with the endpoint that serves the model', async () => {
    const seen = await launch();
    const kinds = seen.map(({ kind }) => kind);
    expect(kinds.indexOf('handle')).toBeLessThan(kinds.indexOf('submitted'));
    expect(kinds.indexOf('submitted')).toBeLessThan(kinds.indexOf('line'));
    expect(seen.at(-1)).toEqual({ kind: 'serving', endpoint: `http://${standIn.modelServer}` });
    expect(textOf(seen, 'launch')).toContain('Instance is up.');
    expect(textOf(seen, 'job')).toContain('Application startup complete.');
    expect(textOf(seen)).not.toContain('sky-payload');
  });

  test.each(['reset', 'end'] as const)(
    'a stream that is cut by %s at any byte gives the same lines, each once',
    async (how) => {
      const whole = textOf(await launch(), 'launch');
      for (const afterBytes of [0, 1, 700, 1_501, 2_000, 3_333, 5_000])
        standIn.faults.push({ afterBytes, how });
      const seen = await launch();
      expect(textOf(seen, 'launch')).toBe(whole);
      expect(seen.at(-1)).toMatchObject({ kind: 'serving' });
      expect(checkpointsOf(seen)).toEqual([...new Set(checkpointsOf(seen))]);
    },
  );

  test('another process resumes at the checkpoint, repeats and loses no line, and launches nothing', async () => {
    const spec = skypilotLaunchSpec();
    const first: Observation[] = [];
    let handle: string | undefined;
    let checkpoint: string | undefined;
    for await (const one of orchestrator.launch(spec, never)) {
      first.push(one);
      if (one.kind === 'handle') handle = one.handle;
      if (one.kind === 'line') checkpoint = one.checkpoint;
      if (one.kind === 'line' && one.text.includes('Instance is up')) break;
    }
    await orchestrator.close();
    orchestrator = open();
    const second = await launch({ ...spec, handle, checkpoint });
    const whole = await launch();
    expect(`${textOf(first, 'launch')}\n${textOf(second, 'launch')}`).toBe(textOf(whole, 'launch'));
    expect(second.at(-1)).toMatchObject({ kind: 'serving' });
    expect(standIn.launches).toBe(2);
  });

  test('a launch whose answer was lost is found again and not submitted twice', async () => {
    standIn.loseLaunchAnswer = true;
    const seen = await launch();
    expect(seen.at(-1)).toMatchObject({ kind: 'serving' });
    expect(standIn.launches).toBe(1);
  });

  test('a crash before the handle was stored does not launch twice', async () => {
    const spec = skypilotLaunchSpec();
    for await (const one of orchestrator.launch(spec, never)) if (one.kind === 'handle') break;
    const seen = await launch(spec);
    expect(seen.at(-1)).toMatchObject({ kind: 'serving' });
    expect(standIn.launches).toBe(1);
  });

  test('answers 502 and 503 are retried', async () => {
    standIn.refusals.push(502, 503, 504);
    expect((await launch()).at(-1)).toMatchObject({ kind: 'serving' });
  });

  test('a forgotten request with an incomplete cluster ends the launch as interrupted', async () => {
    const spec = skypilotLaunchSpec();
    standIn.setCluster(spec.clusterName, 'INIT');
    const handle = JSON.stringify({ requestId: '7ae55c06-43bf-4816-bb81-acf25b16eeab' });
    const seen = await launch({ ...spec, handle });
    expect(seen.at(-1)).toMatchObject({ kind: 'failed', reason: 'interrupted' });
    expect(standIn.launches).toBe(0);
  });

  test('a forgotten request whose cluster is up continues with its job', async () => {
    const spec = skypilotLaunchSpec();
    standIn.setCluster(spec.clusterName, 'UP');
    const handle = JSON.stringify({ requestId: '7ae55c06-43bf-4816-bb81-acf25b16eeab' });
    expect((await launch({ ...spec, handle })).at(-1)).toMatchObject({ kind: 'serving' });
    expect(standIn.launches).toBe(0);
  });

  test.each(['MIGRATING', 'AUTOSTOPPING'])(
    'a cluster of status %s is taken for one that is up',
    async (status) => {
      const spec = skypilotLaunchSpec();
      standIn.setCluster(spec.clusterName, status);
      expect((await launch(spec)).at(-1)).toMatchObject({ kind: 'serving' });
      const handle = JSON.stringify({ requestId: '7ae55c06-43bf-4816-bb81-acf25b16eeab' });
      expect((await launch({ ...spec, handle })).at(-1)).toMatchObject({ kind: 'serving' });
      expect(standIn.launches).toBe(0);
    },
  );

  test('a long queue of the server is waited for, and the wait is reported', async () => {
    standIn.queued = Number.POSITIVE_INFINITY;
    let waits = 0;
    let last: Observation | undefined;
    for await (const one of orchestrator.launch(skypilotLaunchSpec(), never)) {
      last = one;
      if (one.kind !== 'action' || !/has not answered for/.test(one.message)) continue;
      waits += 1;
      if (waits === 2) standIn.queued = 0;
    }
    expect(last).toMatchObject({ kind: 'serving' });
    expect(waits).toBeGreaterThan(1);
    // One question waits in the queue: asking again would make it longer.
    expect(standIn.calls.filter((call) => call === 'POST /status')).toHaveLength(1);
  });

  test('nothing is cleaned up where nothing was submitted, unless another server may have submitted it', async () => {
    standIn.apiVersion = 30;
    const spec = skypilotLaunchSpec();
    expect((await launch({ ...spec, fresh: true })).at(-1)).toMatchObject({ kind: 'failed' });
    const before = standIn.calls.length;
    const seen = await collect(orchestrator.tearDown({ ...spec, fresh: true }, never));
    expect(seen).toEqual([
      { kind: 'action', level: 'info', message: expect.stringContaining('Nothing was submitted') },
    ]);
    expect(standIn.calls).toHaveLength(before);
    standIn.apiVersion = 62;
    await launch(spec);
    await collect(orchestrator.tearDown(spec, never));
    expect(standIn.calls.length).toBeGreaterThan(before);
    expect(standIn.clusters).toEqual([]);
  });

  test('shows what happens on the machine while its runtime is prepared', async () => {
    const lines = (await launch()).flatMap((one) => (one.kind === 'provision_line' ? [one.text] : []));
    expect(lines.join('\n')).toContain('Start: setup_runtime_on_cluster');
  });

  test.each([
    ['no-capacity', 'no_capacity', /Failed to provision all possible launchable resources/],
    ['quota', 'no_capacity', /Failed to provision all possible launchable resources/],
    ['runtime-failure', 'setup_failed', /Failed to run setup commands/],
    ['setup-failure', 'setup_failed', /setup script failed/],
    ['model-failure', 'model_load_failed', /model server ended with an error/],
    ['cancel', 'cancelled', /cancelled at SkyPilot/],
    ['unknown-gpu', 'unknown', /Catalog does not contain any instances/],
    ['cloud-not-enabled', 'credentials', /requires aws which is not enabled/],
  ] as const)(
    'the recorded %s ends failed for %s, in the words of SkyPilot',
    async (recording, reason, message) => {
      standIn.play(recording);
      standIn.modelServer = '127.0.0.1:9';
      const last = (await launch()).at(-1);
      expect(last).toMatchObject({ kind: 'failed', reason });
      expect(last?.kind === 'failed' ? last.message : '').toMatch(message);
    },
  );

  test('omits env_vars, never cancels all requests and asks for no credentials', async () => {
    const spec = skypilotLaunchSpec();
    await launch(spec);
    standIn.hang = true;
    const running = skypilotLaunchSpec();
    for await (const one of orchestrator.launch(running, never)) if (one.kind === 'line') break;
    await collect(orchestrator.tearDown(running, never));
    expect(standIn.bodies.some((body) => 'env_vars' in body)).toBe(false);
    expect(standIn.calls).toContain('POST /api/cancel');
    const cancels = standIn.bodies.filter((body) => 'request_ids' in body);
    expect(cancels.map((body) => body['request_ids'])).toEqual([[expect.any(String)]]);
    const looks = standIn.bodies.filter((body) => 'cluster_names' in body);
    expect(new Set(looks.map((body) => body['include_credentials']))).toEqual(new Set([false]));
  });

  test('tearing down cancels the request, removes the cluster, and is idempotent', async () => {
    standIn.hang = true;
    const spec = skypilotLaunchSpec();
    for await (const one of orchestrator.launch(spec, never)) if (one.kind === 'line') break;
    const first = await collect(orchestrator.tearDown(spec, never));
    expect(first.map((one) => (one.kind === 'action' ? one.message : one.kind)).join('\n')).toMatch(
      /Cancelling.*\n.*Removing/,
    );
    expect(standIn.clusters).toEqual([]);
    const second = await collect(orchestrator.tearDown(spec, never));
    expect(second).toHaveLength(1);
  });

  test('the signal ends the iteration at once and leaves the launch alone', async () => {
    standIn.hang = true;
    const stop = new AbortController();
    const spec = skypilotLaunchSpec();
    const seen: Observation[] = [];
    for await (const one of orchestrator.launch(spec, stop.signal)) {
      seen.push(one);
      if (one.kind === 'line' && one.text.includes('Job submitted')) stop.abort();
    }
    expect(seen.at(-1)?.kind).not.toBe('failed');
    expect(standIn.clusters).toEqual([spec.clusterName]);
    expect(standIn.calls).not.toContain('POST /api/cancel');
  });

  test('a server that does not answer fails the launch with its address and the cause', async () => {
    const gone = standIn.endpoint.replace('//', '//user:hunter2@');
    await standIn.close();
    const away = new SkypilotApiOrchestrator({
      address: { endpoint: gone },
      clock: hurriedClock(1_000, 10),
      otherRegions: false,
    });
    const last = (await collect(away.launch(skypilotLaunchSpec(), never))).at(-1);
    expect(last).toMatchObject({ kind: 'failed' });
    const message = last?.kind === 'failed' ? last.message : '';
    expect(message).toContain('http://127.0.0.1:');
    expect(message).toContain('ECONNREFUSED');
    expect(message).not.toContain('hunter2');
    await away.close();
  });

  test('an unsupported version and a refused token fail at once with that reason', async () => {
    standIn.apiVersion = 20;
    const mismatch = (await launch()).at(-1);
    expect(mismatch).toMatchObject({
      kind: 'failed',
      reason: 'unknown',
      message: expect.stringContaining('Your client is too new'),
    });
    standIn.apiVersion = 62;
    standIn.health = 'needs_auth';
    expect((await launch()).at(-1)).toMatchObject({ kind: 'failed', reason: 'credentials' });
    standIn.health = 'healthy';
    standIn.token = 'sky_secret';
    const refused = (await launch()).at(-1);
    expect(refused).toMatchObject({ kind: 'failed', reason: 'credentials' });
    expect(JSON.stringify(refused)).not.toContain('sky_secret');
    await orchestrator.close();
    orchestrator = open('sky_secret');
    expect((await launch()).at(-1)).toMatchObject({ kind: 'serving' });
    expect(standIn.launches).toBe(1);
  });

  test('secrets are in the submitted task, as secrets, and in no observation', async () => {
    const spec = skypilotLaunchSpec({}, { secrets: { HF_TOKEN: 'hf_abcdefghijklmnop' } });
    const seen = await launch(spec);
    const task = standIn.bodies.find((body) => 'task' in body)?.['task'];
    expect(task).toContain('secrets:\n  "HF_TOKEN": "hf_abcdefghijklmnop"');
    expect(JSON.stringify(seen)).not.toContain('hf_abcdefghijklmnop');
  });
});
