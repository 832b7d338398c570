import { afterAll, beforeAll, expect, test } from 'vitest';
import { PostgresServer } from '../../support/backing-service/postgres-server.js';
import { RedisServer } from '../../support/backing-service/redis-server.js';
import { AppProcess } from '../../support/server/app-process.js';
import { eventually } from '../../support/within.js';

const NODES = 6;
const LAUNCH = {
  provider: 'aws',
  region: 'us-west-2',
  gpu: 'A100',
  model: 'm',
  simulator_scenario: 'preempted',
  on_loss: 'relaunch',
};
let postgres: PostgresServer;
let redis: RedisServer;
const apps: AppProcess[] = [];

beforeAll(async () => {
  [postgres, redis] = await Promise.all([PostgresServer.start(), RedisServer.start()]);
  const environment = {
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    SECRETS_KEY: Buffer.alloc(32, 7).toString('base64'),
    SIMULATOR_SPEED: '200',
    // A few seconds: the watcher is killed before.
    SIMULATOR_FATE_MINUTES: '20',
    WATCH_INTERVAL_SECONDS: '0.5',
    LEASE_SECONDS: '2',
  };
  for (let count = 0; count < 2; count += 1) apps.push(await AppProcess.start(environment));
}, 120_000);
afterAll(async () => {
  await Promise.all(apps.map((app) => app.close()));
  await Promise.all([postgres.stop(), redis.stop()]);
});

async function watched(app: AppProcess): Promise<number> {
  const page = await (await app.fetch('/metrics')).text();
  return Number(/^launchlog_nodes_watched (\d+)$/m.exec(page)?.[1] ?? 0);
}

test('when the server that watches is killed, the other one finds every loss and relaunches each node once', async () => {
  const [one, other] = apps;
  if (one === undefined || other === undefined) throw new Error('there are two servers');
  const launched = await Promise.all(
    Array.from({ length: NODES }, async () => {
      const answer = await one.fetch('/admin/nodes/launch', { method: 'POST', body: JSON.stringify(LAUNCH) });
      return ((await answer.json()) as { node_id: string }).node_id;
    }),
  );
  // A slow machine may lose some before the last is active.
  await eventually('a watched node', async () => (await watched(one)) + (await watched(other)) > 0);
  const doomed = (await watched(one)) > 0 ? one : other;
  const heir = doomed === one ? other : one;
  await doomed.down('SIGKILL');
  const story = async (id: string) => {
    const page = await (await heir.fetch(`/admin/nodes/${id}/events`)).json();
    return (page as { events: { kind: string }[] }).events.map(({ kind }) => kind);
  };
  for (const id of launched) {
    const kinds = await eventually(`the relaunch of ${id}`, async () => {
      const seen = await story(id);
      return seen.includes('relaunched') && seen;
    });
    expect(kinds.filter((kind) => kind === 'lost')).toEqual(['lost']);
    expect(kinds.filter((kind) => kind === 'relaunched')).toEqual(['relaunched']);
    expect(await (await heir.fetch(`/admin/nodes/${id}`)).json()).toMatchObject({
      status: 'lost',
      loss_reason: 'preempted',
    });
  }
  const { nodes } = (await (await heir.fetch('/admin/nodes?limit=100')).json()) as {
    nodes: { retry_of?: string; retry_reason?: string }[];
  };
  const heirs = nodes.filter(({ retry_of: of }) => of !== undefined && launched.includes(of));
  expect(heirs).toHaveLength(launched.length);
  expect(new Set(heirs.map(({ retry_of: of }) => of))).toEqual(new Set(launched));
  expect(new Set(heirs.map(({ retry_reason: reason }) => reason))).toEqual(new Set(['lost']));
});
