import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeConfigFile } from '@launchlog/sdk/cli/session/config-file';
import { localListener } from '@launchlog/sdk/cli/session/local-listener';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { runCli } from '../../support/process/cli-run.js';
import { ADMIN_TOKEN, ServerEdge } from '../../support/server/server-edge.js';

const NOBODY = 65_534;

let edge: ServerEdge;
let home: string;

beforeAll(async () => void (edge = await ServerEdge.start()));
afterAll(() => edge.close());
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'launchlog-login-'));
  await mkdir(join(home, 'checkout/data'), { recursive: true });
  await mkdir(join(home, 'checkout/docs'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const tokenFile = () => join(home, 'checkout/data/admin-token');
const keep = (token: string) => writeFile(tokenFile(), `${token}\n`, { mode: 0o600 });

function cli(args: readonly string[], environment: Record<string, string> = {}) {
  const folder = join(home, 'checkout/docs');
  return runCli(args, { environment: { HOME: home, LAUNCHLOG_URL: edge.url, ...environment }, folder });
}

async function saved(): Promise<unknown> {
  const text = await readFile(join(home, '.config/launchlog/config.json'), 'utf8').catch(() => '{}');
  return JSON.parse(text);
}

/** A process that listens on a port of its own. */
async function listen(options: { readonly uid?: number; readonly folder?: string }) {
  const script = `require('http').createServer((q, a) => { console.log(JSON.stringify(q.headers)); a.end('{}'); })
    .listen(0, '127.0.0.1', function () { console.log(this.address().port); })`;
  const { uid, folder = '/' } = options;
  const child = spawn(process.execPath, ['-e', script], {
    cwd: folder,
    env: {},
    stdio: ['ignore', 'pipe', 'ignore'],
    ...(uid !== undefined && { uid }),
  });
  let heard = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (heard += text));
  await once(child.stdout, 'data');
  const stop = async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { port: Number(heard.trim()), heard: () => heard, stop };
}

describe('login to a server on this machine', () => {
  test('finds the token that the server keeps for its owner, and names the file', async () => {
    await keep(ADMIN_TOKEN);
    const run = await cli(['login']);
    expect(run).toMatchObject({ exitCode: 0 });
    expect(run.stderr).toContain(`found the token of the local server in ${tokenFile()}`);
    expect(run.stdout).toContain(`Signed in to ${edge.url} as admin`);
    expect(run.stdout + run.stderr).not.toContain(ADMIN_TOKEN);
    expect(await saved()).toEqual({ url: edge.url, token: ADMIN_TOKEN });
    expect((await cli(['list'])).exitCode).toBe(0);
  });

  test('looks in DATA_DIR too', async () => {
    await mkdir(join(home, 'elsewhere'));
    await writeFile(join(home, 'elsewhere/admin-token'), ADMIN_TOKEN, { mode: 0o600 });
    expect((await cli(['login'], { DATA_DIR: '../../elsewhere' })).exitCode).toBe(0);
  });

  test('takes no file that others can read, and no link', async () => {
    await keep(ADMIN_TOKEN);
    await chmod(tokenFile(), 0o644);
    expect(await cli(['login'])).toMatchObject({ exitCode: 2, stdout: '' });
    await rm(tokenFile());
    await writeFile(join(home, 'token'), ADMIN_TOKEN, { mode: 0o600 });
    await symlink(join(home, 'token'), tokenFile());
    expect((await cli(['login'])).stderr).toContain('there is no terminal to ask on');
    expect(await saved()).toEqual({});
  });

  test('sends it to no other machine, and asks where the server refuses it', async () => {
    await keep(ADMIN_TOKEN);
    for (const url of ['http://gpu.example', 'https://127.0.0.1', 'http://127.0.0.1.example']) {
      expect((await cli(['login', '--url', url])).stderr).not.toContain('found the token');
    }
    await keep('of-another-server');
    const run = await cli(['login']);
    expect(run).toMatchObject({ exitCode: 2 });
    expect(run.stderr).toContain(`the token in ${tokenFile()} is not one of ${edge.url}`);
  });

  test.runIf(process.getuid?.() === 0)('sends it to no process of another user', async () => {
    await keep(ADMIN_TOKEN);
    const stranger = await listen({ uid: NOBODY });
    try {
      const run = await cli(['login', '--url', `http://127.0.0.1:${stranger.port}`]);
      expect(run).toMatchObject({ exitCode: 2 });
      expect(stranger.heard()).not.toContain('headers');
      expect(stranger.heard().trim()).toBe(String(stranger.port));
    } finally {
      await stranger.stop();
    }
  });

  test.runIf(process.platform === 'linux')('finds the folder of the process that listens', async () => {
    const server = await listen({ folder: home });
    try {
      expect(await localListener(server.port)).toEqual({
        userId: process.getuid?.(),
        dataFolder: join(home, 'data'),
      });
    } finally {
      await server.stop();
    }
    expect(await localListener(server.port)).toBeUndefined();
  });
});

describe('several servers', () => {
  test('are signed in to, used and signed out of by name', async () => {
    await keep(ADMIN_TOKEN);
    await cli(['login']);
    expect((await cli(['login', '--context', 'staging'])).stdout).toContain('as context staging');
    expect(await saved()).toMatchObject({ contexts: { staging: { url: edge.url, token: ADMIN_TOKEN } } });
    expect((await cli(['context', 'list', '-o', 'name'])).stdout).toBe('staging\n');
    expect((await cli(['list', '--context', 'staging'], { LAUNCHLOG_URL: 'http://gone' })).exitCode).toBe(0);
    const out = await cli(['logout']);
    expect(out.stderr).toContain('context staging keeps it: launchlog context remove staging');
    await cli(['logout', '--context', 'staging']);
    expect(await saved()).toEqual({ url: edge.url, contexts: { staging: { url: edge.url } } });
    expect((await cli(['list', '--context', 'staging'])).exitCode).toBe(3);
    expect((await cli(['logout', '--context', 'other'])).stderr).toContain(
      "no context 'other': those saved are staging",
    );
    expect((await cli(['login', '--context', 'a b'])).exitCode).toBe(2);
  });
});

describe('contexts', () => {
  const at = (...args: string[]) => runCli(args, { environment: { HOME: home } });
  test('keep several servers with their tokens, choose one for a call or from then on, and forget', async () => {
    expect((await at('context', 'list')).stderr).toContain("run 'launchlog login' first");
    const config = { url: edge.url, token: ADMIN_TOKEN };
    const path = join(home, '.config/launchlog/config.json');
    await writeConfigFile(path, config);
    expect((await at('context', 'save', 'here')).exitCode).toBe(0);
    await writeConfigFile(path, { url: 'http://127.0.0.1:1', token: 'another' });
    expect(await saved()).toMatchObject({ contexts: { here: config } });
    expect((await at('list')).exitCode).toBe(3);
    expect((await at('--context', 'here', 'list')).exitCode).toBe(0);
    expect((await at('--context', 'there', 'list')).stderr).toContain(
      "no context 'there': those saved are here",
    );
    await at('context', 'use', 'here');
    expect((await at('context', 'list')).stdout).toMatch(new RegExp(`^\\* +here +${edge.url} +saved$`, 'm'));
    expect((await at('list')).exitCode).toBe(0);
    const kept = { '127.0.0.1-1': { url: 'http://127.0.0.1:1', token: 'another' } };
    expect(await saved()).toMatchObject({ contexts: kept });
    expect(parse((await at('context', 'remove', '127.0.0.1-1', '-o', 'yaml')).stdout)).toEqual({
      name: '127.0.0.1-1',
      url: 'http://127.0.0.1:1',
      current: false,
      token: true,
    });
    expect((await at('--url', 'http://127.0.0.1:1', 'logout')).stderr).toContain(`that of ${edge.url}`);
    expect((await at('logout')).stdout).toContain('Forgot the token');
    expect((await at('list')).exitCode).toBe(3);
    await at('context', 'remove', 'here');
    expect((await at('context', 'list')).stdout).toContain('No servers are saved');
  });
});
