import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { PostgresServer } from '../../support/backing-service/postgres-server.js';
import { RedisServer } from '../../support/backing-service/redis-server.js';
import { WebhookReceiver } from '../../support/backing-service/webhook-receiver.js';
import { makeMigratedPgliteFolder } from '../../support/database/new-pglite-folder.js';
import { DocumentedPrograms } from '../../support/docs/documented-programs.js';
import { MarkdownPage } from '../../support/docs/markdown-page.js';
import { AppProcess } from '../../support/server/app-process.js';

const LAUNCH = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'gpt2', deployment_id: 'chat' };
const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

interface Life {
  readonly node: string;
  readonly rule: string;
  readonly token: string;
  readonly log: string;
}

/** A folder that is gone after the test. */
async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'launchlog-backup-'));
  open.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function startApp(environment: Record<string, string>, receiver: WebhookReceiver): Promise<AppProcess> {
  const app = await AppProcess.start({
    SIMULATOR_SPEED: '1000',
    NOTIFICATION_ALLOWED_HOSTS: receiver.host,
    ...environment,
  });
  open.push(() => app.close());
  return app;
}

/** Runs a block of the page, and fails as it does. */
async function run(block: string, environment: Record<string, string>): Promise<void> {
  const programs = await DocumentedPrograms.of(MarkdownPage.read('docs/operations.md'));
  open.push(() => programs.remove());
  const done = programs.shell(block, { PATH: process.env['PATH'] ?? '', ...environment });
  expect(await done.exit(), done.stderr).toBe(0);
}

const post = (app: AppProcess, path: string, body: object = {}) =>
  app.fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });

/** One launch, one rule with a sealed target, one token. */
async function live(app: AppProcess, receiver: WebhookReceiver): Promise<Life> {
  const { node_id: node } = (await (await post(app, '/admin/nodes/launch', LAUNCH)).json()) as {
    node_id: string;
  };
  const created = await post(app, '/admin/notifications/rules', {
    name: 'ops',
    target: { kind: 'webhook', url: receiver.url() },
    events: ['launch.failed'],
  });
  const { id: rule } = (await created.json()) as { id: string };
  const made = await post(app, '/admin/tokens', { name: 'reader', scopes: ['read'] });
  const { token } = (await made.json()) as { token: string };
  await expect.poll(() => statusOf(app, node)).toBe('active');
  return { node, rule, token, log: await logOf(app, node) };
}

async function statusOf(app: AppProcess, node: string): Promise<string> {
  return ((await (await app.fetch(`/admin/nodes/${node}`)).json()) as { status: string }).status;
}

async function logOf(app: AppProcess, node: string): Promise<string> {
  return (await app.fetch(`/admin/nodes/${node}/logs/export?format=ndjson`)).text();
}

/** Everything of that life is there: rows, log, audit trail, and what only the key opens. */
async function expectRestored(
  app: AppProcess,
  { node, rule, token, log }: Life,
  receiver: WebhookReceiver,
): Promise<void> {
  expect(await statusOf(app, node)).toBe('active');
  expect(log).toContain('"phase":"active"');
  expect(await logOf(app, node)).toBe(log);
  const asReader = await fetch(`${app.url}/admin/nodes`, { headers: { 'X-Admin-Token': token } });
  expect(asReader.status).toBe(200);
  const trail = (await (await app.fetch(`/admin/audit?target=${node}&action=node.launch`)).json()) as {
    count: number;
  };
  expect(trail.count).toBe(1);
  const before = receiver.posts.length;
  expect((await post(app, `/admin/notifications/rules/${rule}/test`)).status).toBe(200);
  expect(receiver.posts.length).toBe(before + 1);
}

describe('a backup, made and restored by the commands of the documentation', () => {
  test('of DATA_DIR holds everything of a server with embedded parts', async () => {
    const receiver = await WebhookReceiver.start();
    open.push(() => receiver.stop());
    const [BACKUP, old, fresh] = [await newFolder(), await newFolder(), join(await newFolder(), 'data')];
    await makeMigratedPgliteFolder(join(old, 'database'));
    const first = await startApp({ DATA_DIR: old }, receiver);
    const life = await live(first, receiver);
    await first.down();
    await run('back-up-embedded', { BACKUP, DATA_DIR: old });
    await rm(old, { recursive: true });
    await run('restore-embedded', { BACKUP, DATA_DIR: fresh });
    const second = await startApp({ DATA_DIR: fresh }, receiver);
    await expectRestored(second, life, receiver);
    expect((await stat(join(fresh, 'secrets-key'))).mode & 0o777).toBe(0o600);
  });

  test('of PostgreSQL, Redis and the key is made while the server runs, and is complete', async () => {
    const receiver = await WebhookReceiver.start();
    open.push(() => receiver.stop());
    const postgres = await PostgresServer.start();
    open.push(() => postgres.stop());
    const redis = await RedisServer.start();
    open.push(() => redis.stop());
    const [BACKUP, old, fresh] = [await newFolder(), await newFolder(), join(await newFolder(), 'data')];
    const stores = { DATABASE_URL: postgres.url, REDIS_URL: redis.url, ARCHIVE_URL: 'none' };
    const first = await startApp({ DATA_DIR: old, ...stores }, receiver);
    const life = await live(first, receiver);
    await run('back-up', { BACKUP, DATA_DIR: old, ...stores });
    await first.close();
    await redis.killWithData();
    const DATABASE_URL = await postgres.createDatabase('restored');
    await run('restore', { BACKUP, DATA_DIR: fresh, DATABASE_URL, REDIS_DIR: redis.directory });
    await redis.launch();
    const second = await startApp({ DATA_DIR: fresh, ...stores, DATABASE_URL }, receiver);
    await expectRestored(second, life, receiver);
    await expect(postgres.query('delete from audit_entries', DATABASE_URL)).rejects.toThrow('appended');
  });
});
