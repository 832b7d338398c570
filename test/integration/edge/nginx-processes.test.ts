import { afterAll, beforeAll, expect, test } from 'vitest';
import { PostgresServer } from '../../support/backing-service/postgres-server.js';
import { RedisServer } from '../../support/backing-service/redis-server.js';
import { SseReader } from '../../support/client/server-sse-reader.js';
import { NginxServer } from '../../support/network/nginx-server.js';
import { buildWorkspaces } from '../../support/package/built-workspaces.js';
import { AppProcess } from '../../support/server/app-process.js';

const SETUP_MS = 180_000;
const PROCESSES = 3;
const NODES = 12;
const READERS_PER_NODE = 3;

let postgres: PostgresServer;
let redis: RedisServer;
let apps: AppProcess[] = [];
let nginx: NginxServer;

beforeAll(async () => {
  await buildWorkspaces();
  [postgres, redis] = await Promise.all([PostgresServer.start(), RedisServer.start()]);
  const environment = {
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    SECRETS_KEY: '0'.repeat(64),
    TRUSTED_PROXIES: '127.0.0.1',
    // The first launch never ends; the others wait, and log their places in the queue.
    SIMULATOR_SPEED: '0.0001',
    MAX_RUNNING_LAUNCHES: '1',
    ARCHIVE_URL: 'none',
  };
  apps = await Promise.all(Array.from({ length: PROCESSES }, () => AppProcess.start(environment)));
  nginx = await NginxServer.start({ upstreams: apps.map(({ url }) => new URL(url).host) });
}, SETUP_MS);

afterAll(async () => {
  await nginx?.stop();
  await Promise.all(apps.map((app) => app.close()));
  await redis?.stop();
  await postgres?.stop();
});

const headers = () => ({ 'X-Admin-Token': apps[0]?.token ?? '' });

async function launch(): Promise<string> {
  const request = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'facebook/opt-125m' };
  const answer = await fetch(`${nginx.url}/admin/nodes/launch`, {
    method: 'POST',
    headers: headers(),
    body: JSON.stringify(request),
  });
  expect(answer.status).toBe(202);
  return ((await answer.json()) as { node_id: string }).node_id;
}

const read = (nodeId: string, query = 'tail=100') =>
  SseReader.open(`${nginx.url}/admin/nodes/${nodeId}/logs/stream?${query}`, headers());

/** Open event streams of a process. */
async function streamsOf(app: AppProcess): Promise<number> {
  const page = await (await fetch(`${app.url}/metrics`)).text();
  return Number(/^launchlog_streams\{transport="sse"\} (\d+)$/m.exec(page)?.[1]);
}

test('all readers of a log are served by one of three processes, and resume at another when it stops', async () => {
  const nodeIds = await Promise.all(Array.from({ length: NODES }, launch));
  const readers = await Promise.all(
    nodeIds.flatMap((nodeId) => Array.from({ length: READERS_PER_NODE }, () => read(nodeId))),
  );
  await expect
    .poll(async () => (await Promise.all(apps.map(streamsOf))).reduce((sum, one) => sum + one, 0))
    .toBe(NODES * READERS_PER_NODE);
  const counts = await Promise.all(apps.map(streamsOf));
  for (const count of counts) expect(count % READERS_PER_NODE).toBe(0);
  expect(counts.filter((count) => count > 0).length).toBeGreaterThan(1);

  const last = await Promise.all(readers.map((reader) => reader.until(({ id }) => id !== undefined)));
  for (const reader of readers) reader.close();
  const busiest = apps[counts.indexOf(Math.max(...counts))];
  await busiest?.down('SIGTERM');
  const again = await Promise.all(
    nodeIds.map((nodeId, index) => read(nodeId, `cursor=${last[index * READERS_PER_NODE]?.at(-1)?.id}`)),
  );
  for (const reader of again) {
    const [first] = await reader.until(({ event }) => event === 'status');
    expect([reader.status, first?.event]).toEqual([200, 'status']);
    reader.close();
  }
});
