import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from '../../support/process/cli-run.js';
import { EdgeBehindNetwork } from '../../support/server/edge-behind-network.js';
import type { TestLog } from '../../support/server/edge-behind-network.js';
import { ADMIN_TOKEN } from '../../support/server/server-edge.js';

const NODES = 150;

let behind: EdgeBehindNetwork;
let log: TestLog;

beforeAll(async () => {
  behind = await EdgeBehindNetwork.start();
  log = await behind.addNode({ clusterName: 'long' });
  await log.append(12_345);
  for (let index = 0; index < NODES; index += 1) {
    const member = await behind.addNode({
      deploymentId: 'chat',
      clusterName: `chat-${index}`,
      status: 'failed',
    });
    await member.append(3);
  }
});
afterAll(() => behind.close());

function logs(...args: readonly string[]) {
  const environment = { HOME: '/nonexistent', LAUNCHLOG_URL: behind.url, LAUNCHLOG_TOKEN: ADMIN_TOKEN };
  return runCli(['logs', ...args], { environment });
}
const numbers = (text: string) => [...text.matchAll(/line (\d+)/g)].map((match) => Number(match[1]));

test('--tail all prints a log that is longer than a page, each line once and in order', async () => {
  const run = await logs('long', '--tail', 'all');
  expect(run.exitCode).toBe(0);
  expect(numbers(run.stdout)).toEqual(Array.from({ length: 12_345 }, (_, index) => index + 1));
});

test('-n is --tail, and 0 prints nothing', async () => {
  expect(numbers((await logs('long', '-n', '2')).stdout)).toEqual([12_344, 12_345]);
  expect(await logs('long', '--tail', '0')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
});

test('--deployment prints the logs of more nodes than a caller may read at once', async () => {
  const run = await logs('--deployment', 'chat', '--tail', '2');
  expect(run).toMatchObject({ exitCode: 0, stderr: '' });
  expect(run.stdout.trim().split('\n')).toHaveLength(NODES * 2);
  expect(new Set(run.stdout.match(/chat-\d+ /g)).size).toBe(NODES);
});

test('--tail all with --deployment prints all lines of all nodes', async () => {
  const run = await logs('--deployment', 'chat', '--tail', 'all');
  expect(run.stdout.trim().split('\n')).toHaveLength(NODES * 3);
});

test.each([
  ['x.csv', 'csv', /^seq,timestamp/],
  ['x.jsonl', 'ndjson', /^\{"seq":1,/],
  ['x.JSON', 'json', /^\[/],
  ['x.txt', 'text', /line 1\n/],
  ['x', 'text', /line 1\n/],
])('export -o %s is %s, and reports what it wrote', async (name, format, beginning) => {
  const folder = await mkdtemp(join(tmpdir(), 'launchlog-export-'));
  const path = join(folder, name);
  const environment = { HOME: folder, LAUNCHLOG_URL: behind.url, LAUNCHLOG_TOKEN: ADMIN_TOKEN };
  const run = await runCli(['export', 'chat-0', '-o', path], { environment });
  const written = await readFile(path, 'utf8');
  await rm(folder, { recursive: true });
  expect(run).toMatchObject({ exitCode: 0, stdout: '' });
  expect(run.stderr).toBe(`launchlog: wrote ${path} (${format}, ${Buffer.byteLength(written)} bytes)\n`);
  expect(written).toMatch(beginning);
});

test('names each of the nodes that was not found', async () => {
  const run = await logs('long', 'gone-1', 'gone-2');
  expect(run).toMatchObject({ exitCode: 1, stdout: '' });
  expect(run.stderr).toMatch(/node not found: gone-1; node not found: gone-2/);
});

test.each([
  [['long', '--tail', '-1'], '--tail must be a whole number from 0 to 10000, or all'],
  [['long', '--tail', 'some'], '--tail must be a whole number from 0 to 10000, or all'],
  [['--all', '--tail', 'all'], '--tail all is for nodes that are named'],
  [['long', '--exclude', '('], "--exclude must be a regular expression, not '('"],
  [['long', '--since', 'noon'], '--since must be a duration such as'],
  [['long', '--since', '1m', '--until', '2h'], 'must not be after --until'],
])('logs %j exits 2 and names the flag', async (args, words) => {
  const run = await logs(...args);
  expect(run).toMatchObject({ exitCode: 2, stdout: '' });
  expect(run.stderr).toContain(words);
});
