import { execFile } from 'node:child_process';
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PostgresServer } from '../../support/backing-service/postgres-server.js';
import { RedisServer } from '../../support/backing-service/redis-server.js';
import { buildServerBundle } from '../../support/package/built-workspaces.js';
import { UnprivilegedRun } from '../../support/process/unprivileged-run.js';
import { ImageRecipe } from '../../support/source/image-recipe.js';
import { within } from '../../support/within.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const SETUP_MS = 300_000;
const TEST_MS = 120_000;
const TOKEN = 'an-admin-token-for-the-test-of-the-image';

let folder: string;
let tree: string;
let recipe: ImageRecipe;

/** What the stages of the Dockerfile do, done in a folder: there is no container runtime where tests run. */
beforeAll(async () => {
  await buildServerBundle();
  folder = await mkdtemp(join(tmpdir(), 'launchlog-image-'));
  await chmod(folder, 0o755);
  tree = join(folder, 'launchlog');
  recipe = ImageRecipe.parse(await readFile(join(root, 'Dockerfile'), 'utf8'));
  for (const { from, to } of recipe.stage('production').copies) {
    await mkdir(join(tree, to), { recursive: true });
    for (const path of from) await cp(join(root, path), join(tree, to, path.split('/').at(-1) ?? ''));
  }
  for (const command of recipe.stage('production').commands) {
    await run('sh', ['-ec', command], { cwd: tree, timeout: SETUP_MS });
  }
  for (const { from, to } of recipe.last.copies.filter((copy) => copy.stage === 'build')) {
    const target = join(tree, to);
    await mkdir(dirname(target), { recursive: true });
    await cp(join(root, (from[0] ?? '').replace('/launchlog/', '')), target, { recursive: true });
  }
}, SETUP_MS);

afterAll(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

function start(environment: Record<string, string>): Promise<UnprivilegedRun> {
  const [program = '', ...args] = recipe.last.command;
  expect(program).toBe('node');
  const base = { ...recipe.last.environment, HOST: '127.0.0.1', PORT: '0', ADMIN_TOKEN: TOKEN };
  return UnprivilegedRun.start(args, { folder: tree, environment: { ...base, ...environment } });
}

describe('what the Dockerfile makes', () => {
  test('holds the packages of the server and none that are for building or testing', async () => {
    const has = (path: string) =>
      stat(join(tree, path)).then(
        () => true,
        () => false,
      );
    for (const path of ['server/bundle/main.js', 'server/console/dist/index.html', 'node_modules/ioredis']) {
      expect(await has(path), path).toBe(true);
    }
    for (const path of [
      'typescript',
      'drizzle-orm',
      'vitest',
      'vite',
      'react',
      'playwright-core',
      'oxlint',
    ]) {
      expect(await has(`node_modules/${path}`), path).toBe(false);
    }
  });

  test('its last stage is no root, has a health check by an exec form, and starts no shell', () => {
    expect(recipe.last.user).toBe('1000:1000');
    expect(recipe.last.environment).toMatchObject({
      HOST: '0.0.0.0',
      DATA_DIR: '/data',
      NODE_ENV: 'production',
    });
    expect(recipe.last.command).toEqual(['node', 'server/bundle/main.js']);
    expect(recipe.last.healthCheck[0]).toBe('node');
  });

  test(
    'launches a node as a user who may write to the data folder alone, and stops in time',
    async () => {
      const data = join(folder, 'data');
      await mkdir(data);
      await chown(data, UnprivilegedRun.uid, UnprivilegedRun.gid);
      const server = await start({ DATA_DIR: data, SIMULATOR_SPEED: '100' });
      try {
        const headers = { 'X-Admin-Token': TOKEN };
        const body = JSON.stringify({
          provider: 'aws',
          region: 'us-west-2',
          gpu: 'A100',
          model: 'Qwen/Qwen3-8B',
        });
        const launched = await fetch(`${server.url}/admin/nodes/launch`, { method: 'POST', headers, body });
        const { node_id: id } = (await launched.json()) as { node_id: string };
        const stream = await fetch(`${server.url}/admin/nodes/${id}/logs/stream`, { headers });
        expect(await stream.text()).toMatch(/event: done\n.*\ndata: \{"status":"active"/);
        const page = await fetch(server.url);
        expect(await page.text()).toContain('<title>');
        const [, ...check] = recipe.last.healthCheck;
        const environment = { PATH: process.env['PATH'], PORT: new URL(server.url).port };
        await run(process.execPath, check, { env: environment });
        /** A server that is not done in time ends itself with another code. */
        expect(await within('the stop', server.stop('SIGTERM'))).toBe(0);
        await expect(run(process.execPath, check, { env: environment })).rejects.toMatchObject({ code: 1 });
      } finally {
        await server.stop('SIGKILL');
      }
    },
    TEST_MS,
  );

  test(
    'writes nothing to its data folder where Redis, PostgreSQL, token and key are given',
    async () => {
      const redis = await RedisServer.start();
      const postgres = await PostgresServer.start();
      const server = await start({
        DATA_DIR: join(folder, 'launchlog', 'not-to-be-made'),
        REDIS_URL: redis.url,
        DATABASE_URL: postgres.url,
        SECRETS_KEY: '0123456789abcdef'.repeat(4),
        ARCHIVE_URL: 'none',
      });
      try {
        const ready = await fetch(`${server.url}/readyz`);
        expect(await ready.json()).toMatchObject({ status: 'ready' });
        await expect(stat(join(folder, 'launchlog', 'not-to-be-made'))).rejects.toThrow(/ENOENT/);
      } finally {
        await server.stop('SIGKILL');
        await postgres.stop();
        await redis.stop();
      }
    },
    TEST_MS,
  );
});
