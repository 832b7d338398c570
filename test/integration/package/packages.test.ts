import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstat, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildSdk } from '../../support/package/built-sdk.js';
import { buildServerBundle } from '../../support/package/built-workspaces.js';
import { eventually } from '../../support/within.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const SETUP_MS = 300_000;
const PRODUCTION_MB = 90;
const TOKEN = 'an-admin-token-for-the-test-of-the-packages';

let folder: string;
let server: ChildProcess | undefined;
let output = '';

/** A machine that has Node and nothing of this repository but what `npm pack` made. */
beforeAll(async () => {
  await buildServerBundle();
  buildSdk();
  folder = await mkdtemp(join(tmpdir(), 'launchlog-packages-'));
  const tarballs = [];
  for (const workspace of ['server', 'client-sdk']) {
    const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
    const { stdout } = await run('npm', args, { cwd: join(root, workspace) });
    const [packed] = JSON.parse(stdout) as { filename: string }[];
    tarballs.push(join(folder, packed?.filename ?? ''));
  }
  await run('npm', ['install', '--no-audit', '--no-fund', '--omit=dev', '--prefer-offline', ...tarballs], {
    cwd: folder,
  });
}, SETUP_MS);

afterAll(async () => {
  if (server?.exitCode === null) {
    server.kill('SIGKILL');
    await once(server, 'exit');
  }
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

async function release(): Promise<string> {
  return (JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }).version;
}

/** Bytes of the files, as `du --apparent-size` counts them. */
async function bytesBelow(path: string): Promise<number> {
  const sizes = (await readdir(path, { recursive: true })).map(
    async (name) => (await lstat(join(path, name))).size,
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** Starts it as `npx` does, without the process of npm between the test and the server. */
async function startServer(): Promise<string> {
  const environment = { PORT: '0', ADMIN_TOKEN: TOKEN, SIMULATOR_SPEED: '100' };
  const child = spawn(join(folder, 'node_modules/.bin/launchlog-server'), {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...environment },
  });
  server = child;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const address = () => /listens on (http:\/\/\S+)/.exec(output)?.[1];
  return eventually(
    () => `the server did not start: ${output}`,
    () => address(),
  );
}

function launchlog(...args: string[]): Promise<{ stdout: string }> {
  return run('npx', ['launchlog', ...args], {
    cwd: folder,
    env: { ...process.env, LAUNCHLOG_TOKEN: TOKEN },
  });
}

test(
  'the packed server and command line run in an empty folder: console, launch, log and release',
  async () => {
    const url = await startServer();
    const version = await release();
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok', version });
    const page = await (await fetch(url)).text();
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(page)?.[1];
    expect((await fetch(`${url}${script}`)).headers.get('content-type')).toContain('javascript');
    const asked = ['--provider', 'aws', '--region', 'us-west-2', '--gpu', 'A100', '--model', 'Qwen/Qwen3-8B'];
    const launched = await launchlog('launch', '--url', url, ...asked, '--follow');
    expect(launched.stdout).toMatch(/active/);
    expect((await launchlog('--version')).stdout.trim()).toBe(version);
  },
  SETUP_MS,
);

test('the packed command line names the package that an agent needs', async () => {
  const answer = launchlog('mcp', '--url', 'http://127.0.0.1:1');
  await expect(answer).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('@modelcontextprotocol/sdk'),
  });
});

test('the packed server names its release without a start', async () => {
  const answer = await run(join(folder, 'node_modules/.bin/launchlog-server'), ['--version']);
  expect(answer.stdout).toBe(`${await release()}\n`);
});

test(`with its production dependencies the packed server takes at most ${PRODUCTION_MB} MB`, async () => {
  const bytes = await bytesBelow(join(folder, 'node_modules'));
  expect(bytes).toBeGreaterThan(10_000_000);
  expect(bytes).toBeLessThanOrEqual(PRODUCTION_MB * 1_000_000);
});
