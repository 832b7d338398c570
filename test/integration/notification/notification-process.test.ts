import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SimulatorScenario } from '@launchlog/shared/launch-request';
import { PostgresServer } from '../../support/backing-service/postgres-server.js';
import { WebhookReceiver } from '../../support/backing-service/webhook-receiver.js';
import { buildWorkspaces } from '../../support/package/built-workspaces.js';
import { AppProcess } from '../../support/server/app-process.js';

interface Notification {
  readonly id: string;
  readonly type: string;
  readonly nodeId: string;
}

describe('servers as processes, with launches of their own', () => {
  let postgres: PostgresServer;
  let receiver: WebhookReceiver;
  let apps: AppProcess[];
  let environment: Record<string, string>;
  let databases = 0;

  beforeAll(async () => {
    await buildWorkspaces();
    postgres = await PostgresServer.start();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    receiver = await WebhookReceiver.start();
    apps = [];
    databases += 1;
    environment = {
      DATABASE_URL: await postgres.createDatabase(`notifications_${databases}`),
      SECRETS_KEY: randomBytes(32).toString('base64'),
      SIMULATOR_SPEED: '300',
      NOTIFICATION_ALLOWED_HOSTS: receiver.host,
    };
  });
  afterEach(async () => {
    await Promise.all(apps.map((app) => app.close()));
    await receiver.stop();
  });

  const startApp = async () => {
    const app = await AppProcess.start(environment);
    apps.push(app);
    return app;
  };
  const call = async (app: AppProcess, path: string, body: object) => {
    const response = await app.fetch(path, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as Record<string, string>;
  };
  const addRule = (app: AppProcess) =>
    call(app, '/admin/notifications/rules', {
      name: 'all',
      events: ['launch.active', 'launch.failed', 'launch.cancelled'],
      target: { kind: 'webhook', url: receiver.url() },
    });
  const launch = async (app: AppProcess, scenario: SimulatorScenario = 'success') => {
    const request = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'a/model' };
    const answer = await call(app, '/admin/nodes/launch', { ...request, simulator_scenario: scenario });
    return answer['node_id']!;
  };
  const received = (): Notification[] =>
    receiver.posts.map((post) => {
      const { type, data } = JSON.parse(post.body) as { type: string; data: { node_id: string } };
      return { id: String(post.headers['webhook-id']), type, nodeId: data.node_id };
    });

  it('report each launch once, whichever server it ran on', async () => {
    const [one, two] = await Promise.all([startApp(), startApp()]);
    await addRule(one);
    const scenarios = ['success', 'success', 'success', 'success', 'quota', 'quota'] as const;
    const launches = scenarios.map((scenario, nth) => launch(nth % 2 === 0 ? one : two, scenario));
    const nodeIds = await Promise.all(launches);
    await receiver.waitFor(6);
    // Each server has looked again when it has sent what ended later.
    nodeIds.push(await launch(one), await launch(two));
    await receiver.waitFor(8);
    const statuses = await Promise.all(
      nodeIds.map(async (id) => {
        const { status } = (await (await one.fetch(`/admin/nodes/${id}`)).json()) as { status: string };
        return `launch.${status} ${id}`;
      }),
    );
    expect(
      received()
        .map(({ type, nodeId }) => `${type} ${nodeId}`)
        .toSorted(),
    ).toEqual(statuses.toSorted());
    expect(statuses.filter((status) => status.startsWith('launch.failed')).length).toBeGreaterThanOrEqual(2);
  });

  it('notify on the embedded database too, signed with the key that was returned at the start', async () => {
    const { DATABASE_URL: _, ...embedded } = environment;
    environment = embedded;
    const app = await startApp();
    const { secret } = await addRule(app);
    const nodeId = await launch(app, 'quota');
    const [post] = await receiver.waitFor(1);
    expect(new Webhook(secret!).verify(post!.body, post!.headers as Record<string, string>)).toMatchObject({
      type: 'launch.failed',
      data: { node_id: nodeId, failure_reason: 'quota', status: 'failed' },
    });
  });

  it('lose no notification to a kill -9, and repeat one only under its id', async () => {
    const first = await startApp();
    await addRule(first);
    let killed: Promise<unknown> | undefined;
    // The answer to the first notification never comes: the server is dead before.
    receiver.respond = (response) => {
      if (killed === undefined) killed = first.down('SIGKILL');
      else response.end('ok');
    };
    const nodeIds = await Promise.all(Array.from({ length: 8 }, () => launch(first)));
    await receiver.waitFor(1);
    await killed;
    const [interrupted] = received();
    // A minute later: the dead server's lease on the delivery is over.
    const leases = 'update notification_deliveries set lease_until = now() where lease_until is not null';
    expect((await postgres.query(leases, environment['DATABASE_URL'])).rowCount).toBe(1);
    const second = await startApp();
    const delivered = async () => {
      const response = await second.fetch('/admin/notifications/deliveries?status=delivered');
      return ((await response.json()) as { count: number }).count;
    };
    await expect.poll(delivered).toBe(8);
    const ids = new Map(received().map(({ nodeId, id }) => [nodeId, id]));
    expect([...ids.keys()].toSorted()).toEqual(nodeIds.toSorted());
    expect(new Set(received().map(({ id }) => id)).size).toBe(8);
    expect(received().filter(({ id }) => id === interrupted?.id).length).toBe(2);
    const bodies = receiver.posts.filter((post) => post.headers['webhook-id'] === interrupted?.id);
    expect(new Set(bodies.map(({ body }) => body)).size).toBe(1);
  });
});
