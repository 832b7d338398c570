import { afterAll, beforeAll, expect, test } from 'vitest';
import { AppProcess } from '../../support/server/app-process.js';
import { eventually } from '../../support/within.js';

const LAUNCH = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'm' };
let app: AppProcess;

beforeAll(async () => {
  app = await AppProcess.start({
    SIMULATOR_SPEED: '1000',
    SIMULATOR_FATE_MINUTES: '20',
    WATCH_INTERVAL_SECONDS: '0.5',
  });
});
afterAll(() => app.close());

async function launch(scenario: string, fields: object = {}): Promise<string> {
  const body = JSON.stringify({ ...LAUNCH, simulator_scenario: scenario, ...fields });
  const answer = await app.fetch('/admin/nodes/launch', { method: 'POST', body });
  return ((await answer.json()) as { node_id: string }).node_id;
}

async function node(id: string): Promise<Record<string, unknown>> {
  return (await (await app.fetch(`/admin/nodes/${id}`)).json()) as Record<string, unknown>;
}

test('a whole server notices a preempted machine, a dead model server and a healthy node', async () => {
  const [preempted, dead, healthy] = [
    await launch('preempted'),
    await launch('server-dies'),
    await launch('success'),
  ];
  const lost = await eventually('the loss', async () => {
    const seen = await node(preempted);
    return seen['status'] === 'lost' && seen;
  });
  expect(lost).toMatchObject({ loss_reason: 'preempted', last_seen_at: expect.any(String) });
  expect(lost['terminated_at']).toBe(lost['last_seen_at']);
  expect(lost).not.toHaveProperty('endpoint');
  const silent = await eventually('the dead server', async () => {
    const seen = await node(dead);
    return seen['health'] === 'unreachable' && seen;
  });
  expect(silent).toMatchObject({
    status: 'active',
    health_reason: 'The model server does not answer: the connection is refused.',
  });
  const { evidence } = await eventually('its last output', async () => {
    const seen = await node(dead);
    return 'evidence' in seen && seen;
  });
  expect((evidence as { lines: string[] }).lines.length).toBeGreaterThan(20);
  expect(await node(healthy)).toMatchObject({ status: 'active', health: 'healthy' });
  const page = await (await app.fetch('/admin/nodes?status=lost')).json();
  expect(page).toMatchObject({ count: 1, nodes: [{ id: preempted }] });
});

test('a preempted node is launched again with its secrets, as its launch asks', async () => {
  const first = await launch('preempted', {
    on_loss: 'relaunch',
    secrets: { HF_TOKEN: 'hf_1234567890abcdef' },
  });
  const next = await eventually('the relaunch', async () => {
    const { nodes } = (await (await app.fetch('/admin/nodes')).json()) as {
      nodes: Record<string, unknown>[];
    };
    return nodes.find(({ retry_of }) => retry_of === first);
  });
  expect(next).toMatchObject({ retry_reason: 'lost', model_name: 'm' });
  await eventually('its activity', async () => 'ended_at' in (await node(String(next['id']))));
  expect(await node(String(next['id']))).not.toHaveProperty('failure_reason');
  const request = await (await app.fetch(`/admin/nodes/${String(next['id'])}/request`)).json();
  expect(request).toMatchObject({ secret_names: ['HF_TOKEN'], request: { on_loss: 'relaunch' } });
});
