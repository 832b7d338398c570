import { PHASES } from '@launchlog/shared/phase';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { AppProcess } from '../support/server/app-process.js';
import { SkypilotRig } from '../support/skypilot/rig.js';

const LAUNCH_MS = 200_000;
const REQUEST = {
  provider: 'lambda',
  region: 'us-east-1',
  gpu: 'A100',
  model: 'meta-llama/Llama-2-7b-chat-hf',
  use_spot: false,
};

interface Entry {
  readonly seq: number;
  readonly message: string;
  readonly phase: (typeof PHASES)[number];
  readonly source: string;
  readonly progress?: number;
}

interface NodeAnswer {
  readonly status: string;
  readonly endpoint?: string;
  readonly failure_reason?: string;
  readonly failure_message?: string;
  readonly orchestrator: string;
}

describe('the whole server with the real SkyPilot', () => {
  let rig: SkypilotRig;
  let app: AppProcess;

  beforeAll(async () => {
    rig = await SkypilotRig.start({ venv: inject('skypilotVenv'), cloud: 'lambda' });
  });
  beforeEach(async () => {
    app = await AppProcess.start({
      ORCHESTRATOR: 'skypilot-api',
      SKYPILOT_API_SERVER_ENDPOINT: rig.endpoint,
    });
  });
  afterEach(async () => {
    await app?.close();
    rig.mend();
  });
  afterAll(async () => rig?.close());

  async function launch(request: object = {}): Promise<string> {
    const body = JSON.stringify({ ...REQUEST, ...request });
    const response = await app.fetch('/admin/nodes/launch', { method: 'POST', body });
    expect(response.status).toBe(202);
    return ((await response.json()) as { node_id: string }).node_id;
  }

  async function nodeOf(id: string): Promise<NodeAnswer> {
    return (await (await app.fetch(`/admin/nodes/${id}`)).json()) as NodeAnswer;
  }

  async function untilStatus(id: string, ...wanted: string[]): Promise<NodeAnswer> {
    const until = Date.now() + LAUNCH_MS;
    for (;;) {
      const node = await nodeOf(id);
      if (wanted.includes(node.status)) return node;
      if (Date.now() > until) throw new Error(`node ${id} is still ${JSON.stringify(node)}`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  async function logOf(id: string): Promise<Entry[]> {
    const response = await app.fetch(`/admin/nodes/${id}/logs?tail=10000`);
    const text = await response.text();
    if (!response.ok) throw new Error(`GET logs answered ${response.status}: ${text}`);
    return (JSON.parse(text) as { logs: Entry[] }).logs;
  }

  test('a launch goes through all phases in order to active, and terminate removes its machine', async () => {
    const secrets = { HF_TOKEN: 'hf_wholeserversecret' };
    const id = await launch({ secrets });
    const node = await untilStatus(id, 'active', 'failed');
    expect(node).toMatchObject({ status: 'active', orchestrator: 'skypilot-api' });
    const log = await logOf(id);
    expect([...new Set(log.map(({ phase }) => phase))]).toEqual(PHASES.filter((phase) => phase !== 'failed'));
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, at) => at + 1));
    expect(new Set(log.map(({ source }) => source))).toEqual(
      new Set(['orchestrator', 'skypilot', 'instance', 'vllm']),
    );
    const progress = log.flatMap((entry) => entry.progress ?? []);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    expect(JSON.stringify(log)).not.toContain(secrets.HF_TOKEN);
    expect(JSON.stringify(log)).not.toContain('sky-payload');
    await app.fetch(`/admin/nodes/${id}/terminate`, { method: 'POST' });
    await untilStatus(id, 'terminated');
    expect(rig.lambda?.running).toEqual([]);
  });

  test('a server that is killed during a launch resumes it after a restart, with one machine and no repeated line', async () => {
    if (rig.lambda) rig.lambda.bootMs = 5_000;
    const before = rig.lambda?.launches.length ?? 0;
    const id = await launch();
    while (!(await logOf(id)).some(({ message }) => message.includes('Launching on'))) {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await app.down('SIGKILL');
    await app.up();
    expect(await untilStatus(id, 'active', 'failed')).toMatchObject({ status: 'active' });
    expect((rig.lambda?.launches.length ?? 0) - before).toBe(1);
    const log = await logOf(id);
    for (const once of ['Launching on Lambda', 'Instance is up', 'Job submitted, ID']) {
      expect(log.filter(({ message }) => message.includes(once))).toHaveLength(1);
    }
    await app.fetch(`/admin/nodes/${id}/terminate`, { method: 'POST' });
    await untilStatus(id, 'terminated');
  });

  test('a launch without capacity in any region fails in the words of SkyPilot', async () => {
    rig.lambda?.capacity.set('us-east-1', 'none');
    rig.lambda?.capacity.set('us-west-1', 'none');
    const id = await launch();
    expect(await untilStatus(id, 'active', 'failed')).toMatchObject({
      status: 'failed',
      failure_reason: 'no_capacity',
      failure_message: expect.stringContaining('Failed to provision all possible launchable resources'),
    });
  });

  test('a cancel while the machine boots removes the machine', async () => {
    if (rig.lambda) rig.lambda.bootMs = 60_000;
    const id = await launch();
    while (rig.lambda?.running.length === 0) await new Promise((resolve) => setTimeout(resolve, 200));
    await app.fetch(`/admin/nodes/${id}/cancel`, { method: 'POST' });
    expect(await untilStatus(id, 'failed')).toMatchObject({ failure_reason: 'cancelled' });
    expect(rig.lambda?.running).toEqual([]);
  });
});
