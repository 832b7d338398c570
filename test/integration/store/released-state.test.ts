import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { PostgresServer } from '../../support/backing-service/postgres-server.js';
import { RedisServer } from '../../support/backing-service/redis-server.js';
import { buildWorkspaces } from '../../support/package/built-workspaces.js';
import { AppProcess } from '../../support/server/app-process.js';
import { BUILD_MS } from '../../support/within.js';

const released = fileURLToPath(new URL('../../fixtures/released-0.1.0', import.meta.url));
/** The files keep their age, so nothing in them may expire. */
const LIFETIMES = { LOG_TTL_HOURS: '8760', ARCHIVE_RETENTION_DAYS: '36500' };
/** The launch that was running when the released server was killed. */
const INTERRUPTED = '0a000000-0000-4000-8000-000000000006';

interface ReleasedNode {
  readonly id: string;
  readonly status: string;
  readonly phase: string;
  readonly failure_reason?: string;
}
interface ReleasedEntry {
  readonly seq: number;
  readonly message: string;
}
const { nodes, logs } = JSON.parse(readFileSync(join(released, 'nodes.json'), 'utf8')) as {
  readonly nodes: readonly ReleasedNode[];
  readonly logs: Readonly<Record<string, readonly ReleasedEntry[]>>;
};
const credentials = JSON.parse(readFileSync(join(released, 'credentials.json'), 'utf8')) as {
  readonly adminToken: string;
  readonly secretsKey: string;
};

const closers: (() => void | Promise<void>)[] = [];
beforeAll(() => buildWorkspaces(), BUILD_MS);
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'launchlog-upgrade-'));
  closers.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function unpack(archive: string, into: string): void {
  mkdirSync(into, { recursive: true });
  execFileSync('tar', ['-xzf', join(released, archive), '-C', into]);
}

/** As SQL alone: lines with a backslash are commands of psql. */
function databaseDump(): string {
  const dump = gunzipSync(readFileSync(join(released, 'postgres.sql.gz'))).toString();
  return dump.replace(/^\\.*$/gm, '');
}

async function start(environment: Readonly<Record<string, string>>): Promise<AppProcess> {
  const app = await AppProcess.start({ SIMULATOR_SPEED: '200', ...LIFETIMES, ...environment });
  closers.push(() => app.close());
  return app;
}

async function get<Answer>(app: AppProcess, path: string): Promise<Answer> {
  const answer = await app.fetch(path);
  expect([path, answer.status]).toEqual([path, 200]);
  return (await answer.json()) as Answer;
}

const nodeOf = (app: AppProcess, id: string) => get<ReleasedNode>(app, `/admin/nodes/${id}`);
const logOf = async (app: AppProcess, id: string) =>
  (await get<{ logs: ReleasedEntry[] }>(app, `/admin/nodes/${id}/logs?tail=10000`)).logs;
const ended = nodes.filter(({ id }) => id !== INTERRUPTED);

describe('PostgreSQL, Redis and archive of release 0.1.0', () => {
  test('are taken over whole: nodes, logs, tokens and rules are there, and the running launch continues', async () => {
    const postgres = await PostgresServer.start();
    closers.push(() => postgres.stop());
    await postgres.query(databaseDump());
    const redis = await RedisServer.start();
    closers.push(() => redis.stop());
    await redis.kill();
    cpSync(join(released, 'redis.rdb'), join(redis.directory, 'dump.rdb'));
    await redis.launch();
    const archive = folder();
    unpack('archive.tar.gz', archive);
    const app = await start({
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
      ARCHIVE_URL: archive,
      SECRETS_KEY: credentials.secretsKey,
    });
    for (const before of ended) {
      expect(await nodeOf(app, before.id)).toMatchObject({ status: before.status, phase: before.phase });
      expect(await logOf(app, before.id)).toMatchObject(logs[before.id] ?? []);
    }
    await expect.poll(async () => (await nodeOf(app, INTERRUPTED)).phase).toBe('active');
    const log = await logOf(app, INTERRUPTED);
    expect(log.slice(0, logs[INTERRUPTED]?.length)).toMatchObject(logs[INTERRUPTED] ?? []);
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
    expect((await get<{ count: number }>(app, '/admin/tokens')).count).toBe(3);
    expect((await get<{ count: number }>(app, '/admin/notifications/rules')).count).toBe(1);
  });
});

describe('a DATA_DIR of release 0.1.0', () => {
  test('is taken over whole after a SIGKILL: every node has its log, and the running launch continues', async () => {
    const data = join(folder(), 'data');
    unpack('data-dir.tar.gz', data);
    const token = readFileSync(join(data, 'admin-token'), 'utf8').trim();
    const app = await start({ DATA_DIR: data, ADMIN_TOKEN: token });
    const list = async (path: string) => {
      const answer = await fetch(app.url + path, { headers: { 'X-Admin-Token': token } });
      return (await answer.json()) as { nodes: ReleasedNode[]; logs: ReleasedEntry[] };
    };
    const found = (await list('/admin/nodes?limit=100')).nodes;
    expect(found.map(({ id }) => id).toSorted()).toEqual(nodes.map(({ id }) => id).toSorted());
    for (const { id } of ended) {
      const { logs: log } = await list(`/admin/nodes/${id}/logs?tail=10000`);
      expect(log.length).toBeGreaterThan(1);
      expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
    }
    const phase = async () =>
      (await list('/admin/nodes?limit=100')).nodes.find(({ id }) => id === INTERRUPTED)?.phase;
    await expect.poll(phase).toBe('active');
  });
});
