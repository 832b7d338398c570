import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildSdk, CLI_PATH } from '../../support/package/built-sdk.js';
import { runNode } from '../../support/process/node-run.js';
import { EdgeBehindNetwork } from '../../support/server/edge-behind-network.js';
import type { TestLog } from '../../support/server/edge-behind-network.js';
import { ADMIN_TOKEN } from '../../support/server/server-edge.js';

let behind: EdgeBehindNetwork;
let log: TestLog;
let home: string;

beforeAll(() => buildSdk());

beforeEach(async () => {
  behind = await EdgeBehindNetwork.start();
  log = await behind.addNode();
  home = mkdtempSync(join(tmpdir(), 'launchlog-cli-'));
});

afterEach(async () => {
  await behind.close();
  rmSync(home, { recursive: true, force: true });
});

const cli = (...args: string[]) =>
  runNode([CLI_PATH, ...args], {
    environment: { HOME: home, LAUNCHLOG_URL: behind.url, LAUNCHLOG_TOKEN: ADMIN_TOKEN },
  });
const lines = (text: string) => text.split('\n').filter((line) => line !== '');
const numbers = (text: string) => [...text.matchAll(/line (\d+)/g)].map((match) => Number(match[1]));
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe('launchlog logs of many nodes', () => {
  test('-f --deployment shows all of its nodes as one stream, including one that joins later, and ends with the last launch', async () => {
    const added = () => ({ deploymentId: 'chat', updatedAt: new Date().toISOString() });
    const [one, two] = [
      await behind.addNode({ clusterName: 'one', ...added() }),
      await behind.addNode({ clusterName: 'two', ...added() }),
    ];
    await one.append(2);
    await two.append(2);
    await log.append(7);
    const run = cli('logs', '-f', '--deployment', 'chat');
    await expect.poll(() => lines(run.stdout()).length).toBe(4);
    await one.end('active', 'ready');
    const late = await behind.addNode({
      clusterName: 'late',
      createdAt: new Date().toISOString(),
      ...added(),
    });
    await late.append(2);
    await expect.poll(() => run.stdout()).toContain('late');
    await two.end('active', 'ready too');
    await late.end('failed', 'no quota');
    expect(await run.exitCode).toBe(1);
    const printed = lines(run.stdout());
    for (const name of ['one', 'two', 'late']) {
      expect(numbers(printed.filter((line) => line.startsWith(name)).join('\n'))).toEqual([1, 2]);
    }
    expect(printed).toHaveLength(9);
  });

  test('-f --deployment shows the logs of launches that ended long ago, and ends', async () => {
    const ended = { status: 'active', phase: 'active', endedAt: '2020-01-01T00:00:00.000Z' } as const;
    const old = await behind.addNode({ clusterName: 'old', deploymentId: 'chat', ...ended });
    await old.append(2);
    await old.end('active', 'ready');
    const run = cli('logs', '-f', '--deployment', 'chat');
    expect(await run.exitCode).toBe(0);
    expect(numbers(run.stdout())).toEqual([1, 2]);
  });

  test('a merged stream loses and repeats nothing when the server dies and restarts', async () => {
    const member = await behind.addNode({ deploymentId: 'chat', updatedAt: new Date().toISOString() });
    await member.append(50);
    const run = cli('logs', '-f', '--deployment', 'chat', '--tail', '1000');
    await expect.poll(() => lines(run.stdout()).length).toBe(50);
    await behind.network.down();
    await member.append(50);
    await expect.poll(() => run.stderr()).toContain('connection lost');
    await behind.network.up();
    await expect.poll(() => lines(run.stdout()).length).toBe(100);
    await member.end('active', 'ready');
    expect(await run.exitCode).toBe(0);
    expect(numbers(run.stdout())).toEqual(upTo(100));
    expect(run.stderr()).toContain('reconnected');
  });

  test('--all shows every node by name and ends; with -f it continues until Ctrl-C', async () => {
    const other = await behind.addNode({ clusterName: 'other' });
    await log.append(1);
    await other.append(1);
    const once = cli('logs', '--all', '--json');
    expect(await once.exitCode).toBe(0);
    const ids = lines(once.stdout()).map((line) => (JSON.parse(line) as { node_id: string }).node_id);
    expect(ids.toSorted()).toEqual([log.node.id, other.node.id].toSorted());
    expect(once.stderr()).toBe('');
    const run = cli('logs', '--all', '-f');
    await expect.poll(() => lines(run.stdout()).length).toBe(2);
    run.signal('SIGINT');
    expect(await run.exitCode).toBe(130);
    expect(run.stderr()).toContain('launchlog logs -f --all');
  });

  test('nodes, a deployment and --all exclude each other', async () => {
    for (const args of [
      ['logs'],
      ['logs', log.node.id, '--all'],
      ['logs', '--all', '--deployment', 'chat'],
    ]) {
      expect(await cli(...args).exitCode).toBe(2);
    }
  });
});
