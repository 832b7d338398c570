import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildSdk, CLI_PATH, LAUNCH_FLAGS } from '../../support/package/built-sdk.js';
import { runNode } from '../../support/process/node-run.js';
import { PseudoTerminal } from '../../support/process/pseudo-terminal.js';
import { EdgeBehindNetwork } from '../../support/server/edge-behind-network.js';
import { ADMIN_TOKEN } from '../../support/server/server-edge.js';

let behind: EdgeBehindNetwork;
let home: string;
let environment: Record<string, string>;
let terminal: PseudoTerminal | undefined;

beforeAll(() => buildSdk());

beforeEach(async () => {
  behind = await EdgeBehindNetwork.start();
  home = mkdtempSync(join(tmpdir(), 'launchlog-cli-'));
  environment = { HOME: home, LAUNCHLOG_URL: behind.url, LAUNCHLOG_TOKEN: ADMIN_TOKEN };
});

afterEach(async () => {
  terminal?.close();
  terminal = undefined;
  await behind.close();
  rmSync(home, { recursive: true, force: true });
});

async function cli(
  args: readonly string[],
  more: { environment?: Record<string, string>; stdin?: string } = {},
) {
  const run = runNode([CLI_PATH, ...args], { environment, ...more });
  const exitCode = await run.exitCode;
  return { exitCode, stdout: run.stdout(), stderr: run.stderr() };
}

describe('launchlog login', () => {
  const configured = () => join(home, '.config/launchlog/config.json');

  test('asks on a terminal, does not echo the token, and saves both for the next command', async () => {
    const screen = (terminal = new PseudoTerminal([process.execPath, CLI_PATH, 'login'], {
      environment: { HOME: home },
    }));
    await screen.shows(/Server \[http:\/\/127\.0\.0\.1:8080\]:/);
    screen.type(behind.url, 'Enter');
    await screen.shows(/Admin token:/);
    screen.type(ADMIN_TOKEN, 'Enter');
    expect(await screen.exitCode()).toBe(0);
    expect(screen.text(true)).not.toContain(ADMIN_TOKEN);
    expect(statSync(configured()).mode & 0o777).toBe(0o600);
    const list = await cli(['list'], { environment: { HOME: home } });
    expect(list).toMatchObject({ exitCode: 0, stdout: 'No nodes.\n' });
  });

  test('does not save a token that the server refuses', async () => {
    const run = await cli(['login', '--token-stdin'], { stdin: 'wrong\n' });
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toContain('invalid admin token');
    expect(() => readFileSync(configured())).toThrow(/ENOENT/);
  });

  test('does not send a token that was saved for one server to another', async () => {
    await cli(['login', '--token-stdin'], { stdin: `${ADMIN_TOKEN}\n` });
    const other = behind.url.replace('127.0.0.1', 'localhost');
    const run = await cli(['list', '--url', other], { environment: { HOME: home } });
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toContain('missing admin token');
  });

  test('exits 130 and saves nothing after Ctrl-C at a question', async () => {
    const screen = (terminal = new PseudoTerminal([process.execPath, CLI_PATH, 'login'], {
      environment: { HOME: home },
    }));
    await screen.shows(/Server/);
    screen.type('C-c');
    expect(await screen.exitCode()).toBe(130);
    expect(() => readFileSync(configured())).toThrow(/ENOENT/);
  });
});

describe('launchlog launch', () => {
  test('sends the values of the flags with a generated key, and prints the id', async () => {
    const run = await cli(
      ['launch', ...LAUNCH_FLAGS, '--gpu-count', '2', '--on-demand', '--secret', 'HF_TOKEN'],
      {
        environment: { ...environment, HF_TOKEN: 'hf_secret' },
      },
    );
    expect(run.exitCode).toBe(0);
    const [asked] = behind.edge.launches.asked;
    expect(asked?.request).toMatchObject({ gpuCount: 2, useSpot: false, secrets: { HF_TOKEN: 'hf_secret' } });
    expect(asked?.context.idempotencyKey).toMatch(/^[0-9a-f]{32}$/);
    const [id] = behind.edge.launches.nodes.keys();
    expect(run.stdout).toContain(`${id}  `);
    expect(run.stdout + run.stderr).not.toContain('hf_secret');
  });

  test('asks for missing values on a terminal, offers defaults, checks each answer, and asks before it spends', async () => {
    behind.edge.launches.add({ provider: 'aws', region: 'us-west-2', status: 'active' });
    const screen = (terminal = new PseudoTerminal([process.execPath, CLI_PATH, 'launch'], { environment }));
    await screen.shows(/Provider \[aws\]:/);
    screen.type('acme', 'Enter');
    await screen.shows(/must be one of aws[^]*Provider \[aws\]:/);
    screen.type('Enter');
    await screen.shows(/Region \[us-west-2\]:/);
    screen.type('AWS', 'Enter');
    await screen.shows(/'AWS' is a provider, not a region of aws: name one[^]*Region \[us-west-2\]:/);
    screen.type('us-wets-2', 'Enter');
    await screen.shows(/Did you mean us-west-2\? Use it all the same\? \(y\/n\) \[n\]:/);
    screen.type('Enter');
    await screen.shows(/same\?[^]*Region \[us-west-2\]:/);
    screen.type('Enter');
    await screen.shows(/GPU \[A100\]:/);
    screen.type('us-west-2', 'Enter');
    await screen.shows(/'us-west-2' is a region, not a GPU: name one, such as A100[^]*GPU \[A100\]:/);
    screen.type('Enter');
    await screen.shows(/Model \(such as/);
    screen.type('my/model', 'Enter');
    await screen.shows(/Launch my\/model on 1×A100 \(spot\) at aws us-west-2\?/);
    expect(behind.edge.launches.asked).toEqual([]);
    screen.type('y', 'Enter');
    expect(await screen.exitCode()).toBe(0);
    expect(behind.edge.launches.asked[0]?.request).toMatchObject({
      provider: 'aws',
      gpu: 'A100',
      model: 'my/model',
    });
  });

  test.each([
    [['--gpu', 'A100'], '--provider is required'],
    [[...LAUNCH_FLAGS, '--gpu-count', '99'], '--gpu-count must be a whole number from 1 to 16'],
    [[...LAUNCH_FLAGS, '--gpu-count', 'two'], '--gpu-count must be a whole number from 1 to 16'],
    [['--task-file', '/nowhere/task.yaml'], '--task-file /nowhere/task.yaml does not exist'],
    [[...LAUNCH_FLAGS, '--provider', 'acme'], '--provider must be one of aws'],
    [[...LAUNCH_FLAGS, '--secret', 'HF_TOKEN=hf_x'], 'takes the name of a variable'],
    [[...LAUNCH_FLAGS, '--region', 'AWS'], "--region 'AWS' is a provider, not a region of aws: name one"],
    [
      [...LAUNCH_FLAGS, '--gpu', 'us-west-2'],
      "--gpu 'us-west-2' is a region, not a GPU: name one, such as A100",
    ],
    [[...LAUNCH_FLAGS, '--any-of', 'gpu=gcp'], "--any-of 1: gpu 'gcp' is a provider, not a GPU"],
    [[...LAUNCH_FLAGS, '--secret', 'NOT_THERE'], 'your environment has no such variable'],
  ])('launch %j exits 2, launches nothing and prints the reason', async (args, words) => {
    const run = await cli(['launch', ...args]);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain(words);
    expect(behind.edge.launches.asked).toEqual([]);
  });

  test('retries a lost answer with the same key', async () => {
    const { asked } = behind.edge.launches;
    behind.network.answersPass = false;
    const started = cli(['launch', ...LAUNCH_FLAGS]);
    await expect.poll(() => asked).toHaveLength(1);
    behind.network.answersPass = true;
    behind.network.cut();
    expect((await started).exitCode).toBe(0);
    expect(asked.length).toBeGreaterThan(1);
    expect(new Set(asked.map(({ context }) => context.idempotencyKey)).size).toBe(1);
  });
});

describe('commands for nodes', () => {
  test('list prints one line per node, and --json one object per line', async () => {
    const { node } = await behind.addNode({ queuePosition: 3 });
    await behind.addNode({ status: 'failed', failureReason: 'quota', modelName: 'evil\u001b[2J' });
    const list = await cli(['list']);
    expect(list.stdout).toMatch(/^ID +CLUSTER +STATUS +PROGRESS +LEFT +GPU +MODEL +AGE\n/);
    expect(list.stdout).toContain(node.id.slice(0, 8));
    expect(list.stdout).toMatch(/queued \(3\)/);
    expect(list.stdout).toMatch(/failed: quota/);
    expect(list.stdout).not.toContain('\u001b');
    const json = await cli(['list', '--json', '--status', 'failed']);
    expect(JSON.parse(json.stdout)).toMatchObject({ status: 'failed', failureReason: 'quota' });
  });

  test('list --watch refreshes until Ctrl-C', async () => {
    await behind.addNode({ clusterName: 'first' });
    const screen = (terminal = new PseudoTerminal([process.execPath, CLI_PATH, 'list', '--watch'], {
      environment,
    }));
    await screen.shows(/first/);
    await behind.addNode({ clusterName: 'second' });
    await screen.shows(/second/);
    screen.type('C-c');
    expect(await screen.exitCode()).toBe(130);
  });

  test('list --watch fits a small terminal and leaves nothing in its history', async () => {
    for (let index = 0; index < 12; index += 1) await behind.addNode({ clusterName: `old-${index}` });
    const screen = (terminal = new PseudoTerminal([process.execPath, CLI_PATH, 'list', '--watch'], {
      environment,
      columns: 40,
      rows: 8,
    }));
    await screen.shows(/^ID[^]*and 7 more lines/m);
    await behind.addNode();
    await screen.shows(/^ID[^]*and 8 more lines/m);
    expect(screen.text(true).trimEnd().split('\n')).toHaveLength(7);
  });

  test('an invalid filter exits 2 and is named by its flag', async () => {
    const list = await cli(['list', '--status', 'loud', '--limit', '0']);
    expect(list.exitCode).toBe(2);
    expect(list.stderr).toMatch(/^launchlog: --status must be one of .*; --limit must be a whole number/);
    const token = await cli(['tokens', 'create', 'ci', '--scope', 'everything']);
    expect(token.exitCode).toBe(2);
    expect(token.stderr).toMatch(/^launchlog: --scope must be one of read, launch, admin\n$/);
  });

  test('get finds a node by its id, the beginning of its id and its cluster name', async () => {
    const { node } = await behind.addNode({
      endpoint: 'http://10.0.0.1:8000',
      attempts: [{ cloud: 'AWS', outcome: 'won' }],
    });
    for (const name of [node.id, node.id.slice(0, 8), node.clusterName]) {
      const run = await cli(['get', name]);
      expect(run.exitCode).toBe(0);
      expect(run.stdout).toContain(node.id);
      expect(run.stdout).toContain('http://10.0.0.1:8000');
    }
    const json = await cli(['get', node.id, '--json']);
    expect(JSON.parse(json.stdout)).toEqual(node);
  });

  test('get refuses a beginning that several ids share', async () => {
    await behind.addNode({ id: '550e8400-0000-4000-8000-000000000001' });
    await behind.addNode({ id: '550e8400-0000-4000-8000-000000000002' });
    const run = await cli(['get', '550e8400']);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain("'550e8400' is the beginning of 2 node ids");
  });

  test('cancel, retry and terminate print the new state of the node', async () => {
    const { node } = await behind.addNode();
    expect((await cli(['cancel', node.id])).stdout).toContain(node.clusterName);
    expect((await cli(['retry', node.id])).stdout).toContain('launchlog logs -f');
    expect(await cli(['terminate', node.id])).toMatchObject({ exitCode: 0 });
  });

  test('terminate asks on a terminal and does nothing without confirmation', async () => {
    const { node } = await behind.addNode();
    const screen = (terminal = new PseudoTerminal([process.execPath, CLI_PATH, 'terminate', node.id], {
      environment,
    }));
    await screen.shows(/Terminate .*\? \(y\/n\) \[n\]:/);
    screen.type('Enter');
    expect(await screen.exitCode()).toBe(1);
    expect(screen.text()).toContain('Nothing was done.');
  });
});
