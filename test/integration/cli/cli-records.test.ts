import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLaunchlogClient, type LaunchlogClient } from '@launchlog/sdk';
import { parse, parseAllDocuments } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppProcess } from '../../support/server/app-process.js';
import { runCli } from '../../support/process/cli-run.js';

const SPEC = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'Qwen/Qwen3-8B' } as const;
const SETUP_MS = 240_000;

let app: AppProcess;
let client: LaunchlogClient;
let home: string;
let failed: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'launchlog-home-'));
  app = await AppProcess.start({ SIMULATOR_SPEED: '200' });
  client = createLaunchlogClient({ url: app.url, token: app.token });
  const { node } = await client.nodes.launch({ ...SPEC, deploymentId: 'chat', simulatorScenario: 'quota' });
  failed = node.id;
  for await (const event of client.nodes.logsStream(failed)) if (event.type === 'done') break;
}, SETUP_MS);
afterAll(async () => {
  await client?.close();
  await app?.close();
  await rm(home, { recursive: true, force: true });
});

function cli(...args: string[]) {
  const environment = { LAUNCHLOG_URL: app.url, LAUNCHLOG_TOKEN: app.token, HOME: home, TZ: 'UTC' };
  return runCli(args, { environment });
}

describe('search', () => {
  test('prints the lines of all nodes that hold a text, with their node, and fails where no line does', async () => {
    const found = await cli('search', 'QUOTA');
    expect(found.exitCode).toBe(0);
    expect(found.stdout).toMatch(/^cic-aws-\S+ .*quota/im);
    const none = await cli('search', 'no line holds this');
    expect(none).toMatchObject({ exitCode: 1, stdout: '' });
  });

  test('takes an expression, a deployment, levels and a limit, and warns if there may be more', async () => {
    const json = await cli('search', '--regex', '.', '--deployment', 'chat', '--level', 'error', '--json');
    const lines = json.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { node_id: string; level: string });
    expect(new Set(lines.map(({ node_id, level }) => `${node_id} ${level}`))).toEqual(
      new Set([`${failed} error`]),
    );
    expect((await cli('search', 'quota', '--deployment', 'other')).exitCode).toBe(1);
    const one = await cli('search', 'a', '-n', '1');
    expect(one.stdout.trim().split('\n')).toHaveLength(1);
    expect(one.stderr).toContain('raise --limit');
  });

  test.each([
    [['--level', 'loud'], /--level/],
    [['--limit', '0'], /--limit/],
    [['--since', 'someday'], /--since/],
  ])('refuses %o and names the flag', async (flags, sentence) => {
    expect(await cli('search', 'x', ...flags)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(sentence) as string,
    });
  });
});

describe('audit', () => {
  test('shows who did what, newest first, by action and as JSON', async () => {
    const table = await cli('audit', '--action', 'node.launch', '--utc');
    expect(table.stdout).toMatch(/^AT +WHO +ACTION +OUTCOME +TARGET +FROM$/m);
    expect(table.stdout).toMatch(new RegExp(`admin +node\\.launch +ok +${failed}`));
    const json = await cli('audit', '--target', failed, '-n', '1', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ action: 'node.launch', target: failed });
    expect((await cli('audit', '--action', 'node.explode')).stderr).toContain('--action');
    expect((await cli('audit', '--actor', 'nobody')).stdout).toContain('Nothing was recorded.');
  });
});

describe('notifications', () => {
  test('lists rules, switches one off and on, and names a rule that is unknown', async () => {
    const target = { kind: 'webhook', url: 'https://hooks.example.com/x' } as const;
    await client.notifications.createRule({ name: 'ops', target, events: ['launch.failed'] });
    expect((await cli('notifications', 'list')).stdout).toMatch(/^ops +on +webhook https:\/\/hooks/m);
    expect((await cli('notifications', 'disable', 'ops')).stdout).toBe('ops: disabled\n');
    expect((await client.notifications.listRules())[0]?.enabled).toBe(false);
    await cli('notifications', 'enable', 'ops');
    expect((await client.notifications.listRules())[0]?.enabled).toBe(true);
    expect(await cli('notifications', 'test', 'nope')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("no rule 'nope'") as string,
    });
    expect((await cli('notifications', 'deliveries', '--rule', 'ops')).stdout).toContain('Nothing was sent.');
  });
});

test('open prints the page of a node where there is no terminal', async () => {
  expect((await cli('open', failed.slice(0, 8))).stdout).toBe(`${app.url}/nodes/${failed}\n`);
});

describe('-o json, -o yaml and -o name', () => {
  const rest = async (path: string): Promise<unknown> => {
    const answer = await fetch(`${app.url}/admin/${path}`, { headers: { 'X-Admin-Token': app.token } });
    return answer.json();
  };

  test.each([
    ['whoami', () => ['whoami'], () => 'whoami'],
    ['get of one node', () => ['get', failed], () => `nodes/${failed}`],
    ['list', () => ['list'], () => 'nodes?counts=true'],
    ['events', () => ['events', failed], () => `nodes/${failed}/events`],
    ['tokens', () => ['tokens', 'list'], () => 'tokens'],
    ['sessions', () => ['sessions', 'list'], () => 'sessions'],
    ['strays', () => ['strays', 'list'], () => 'strays'],
    ['rules', () => ['notifications', 'list'], () => 'notifications/rules'],
    ['audit', () => ['audit', '--action', 'node.launch'], () => 'audit?action=node.launch'],
  ])('%s answers what REST answers', async (_, args, path) => {
    const printed = await cli(...args(), '-o', 'json');
    expect(printed.stderr).toBe('');
    const expected = (await rest(path())) as Record<string, unknown>;
    expect(JSON.parse(printed.stdout)).toEqual(expected);
    expect(parse((await cli(...args(), '-o', 'yaml')).stdout)).toEqual(expected);
  });

  test('metrics use the names of REST', async () => {
    const { stdout } = await cli('metrics', '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({
      total: { launches: 1, failure_reasons: [{ reason: 'quota' }] },
    });
  });

  test('a search is one document, and -o name the names of its nodes', async () => {
    const found = await cli('search', 'quota', '-o', 'json');
    const { hits } = JSON.parse(found.stdout) as { hits: { node_id: string; cluster_name: string }[] };
    expect(new Set(hits.map(({ node_id }) => node_id))).toEqual(new Set([failed]));
    expect((await cli('search', 'quota', '-o', 'name')).stdout).toBe(`${hits[0]?.cluster_name}\n`);
  });

  test.each([
    ['events', ['events', '<node>'], /^launched\n(?:\w+\n)+$/],
    ['search', ['search', 'quota'], /^<node>\n$/],
    ['audit', ['audit', '--action', 'node.launch'], /^\d+\n$/],
    ['metrics', ['metrics', '--by', 'gpu'], /^A100\n$/],
    ['doctor', ['doctor'], /^launches\n/],
    [
      'estimate',
      ['estimate', '--provider=aws', '--region=us-west-2', '--gpu=A100', '--model=m'],
      /^AWS us-west-2\n$/,
    ],
  ])('-q of %s prints names alone', async (_, words, printed) => {
    const { stdout, stderr } = await cli(...words.map((word) => word.replace('<node>', failed)), '-q');
    expect(stderr).toBe('');
    expect(stdout.replace(failed, '<node>')).toMatch(printed);
  });

  test('a rule that is switched, and a budget that is set, are what REST has', async () => {
    const target = { kind: 'webhook', url: 'https://hooks.example.com/y' } as const;
    const { rule } = await client.notifications.createRule({
      name: 'night',
      target,
      events: ['launch.failed'],
    });
    const off = await cli('notifications', 'disable', 'night', '-o', 'json');
    expect(JSON.parse(off.stdout)).toMatchObject({
      id: rule.id,
      enabled: false,
      created_at: expect.any(String) as string,
    });
    expect((await cli('notifications', 'enable', 'night', '-q')).stdout).toBe(`${rule.id}\n`);
    const set = await cli(
      'budgets',
      'set',
      'big',
      '--tenant',
      'acme',
      '--max-hourly-cost',
      '2500',
      '-o',
      'yaml',
    );
    expect(parse(set.stdout)).toMatchObject({ name: 'big', max_hourly_cost: 2500 });
    expect((await cli('budgets')).stdout).toMatch(/^big +acme +\$2,500\.00 /m);
    await cli('budgets', 'remove', 'big');
  });

  test('a log is a line of JSON for each entry, as of its stream, or a document of YAML', async () => {
    const { logs } = (await rest(`nodes/${failed}/logs?tail=5`)) as { logs: object[] };
    const lines = await cli('logs', failed, '-n', '5', '-o', 'json');
    expect(lines.stdout).toBe(logs.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    expect((await cli('logs', failed, '-n', '5', '--json')).stdout).toBe(lines.stdout);
    const yaml = await cli('logs', failed, '-n', '5', '-o', 'yaml');
    expect(parseAllDocuments(yaml.stdout).map((document): unknown => document.toJS())).toEqual(logs);
    const wide = await cli('logs', failed, '-n', '1', '-o', 'wide');
    expect(wide.stdout).toMatch(/^\d{4}-\S+Z {2}failed +ERROR {2}\w+ {2}/);
  });

  test('what is ended, removed or tried is printed as REST has it, or by name', async () => {
    const made = ['one', 'two', 'three'].map((name) =>
      client.budgets.create({ name, tenantId: `of-${name}`, maxHourlyCost: 5 }),
    );
    const [one] = await Promise.all(made);
    const removed = await cli('budgets', 'remove', 'one', '-o', 'json');
    expect(JSON.parse(removed.stdout)).toMatchObject({ id: one?.id, max_hourly_cost: 5 });
    const both = await cli('budgets', 'remove', 'two', 'three', '-o', 'yaml');
    expect(parse(both.stdout)).toMatchObject({
      count: 2,
      budgets: [{ tenant_id: 'of-two' }, { name: 'three' }],
    });
    const strays = await cli('strays', 'terminate', 'none', 'neither', '-o', 'json');
    expect(strays).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('0 of 2 strays done') as string,
    });
    expect(JSON.parse(strays.stdout)).toEqual({ strays: [], count: 0 });
    const nobody = await cli('sessions', 'end', '--of', 'nobody', '-o', 'json');
    expect(JSON.parse(nobody.stdout)).toEqual({ sessions: [], count: 0 });
    const page = await cli('open', failed, '-o', 'json');
    expect(JSON.parse(page.stdout)).toEqual({ url: `${app.url}/nodes/${failed}` });
  });

  test.each([
    [['logs', 'x', '-o', 'name'], '--output must be one of table, wide, json, yaml, not '],
    [['logs', 'x', '-q'], '-q has no meaning here'],
    [['completion', 'bash', '--output=json'], '--output has no meaning here'],
    [['export', 'x', '-o', 'json'], '-o names a file here: pass --format json, or -o ./json'],
    [['budgets', 'remov', 'x'], 'the command must be one of list, set, remove'],
  ])('%o names the remedy', async (args, sentence) => {
    expect(await cli(...args)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(sentence) as string,
    });
  });

  test('several nodes are a list with their number, and --json excludes -o', async () => {
    const both = await cli('get', failed, failed.slice(0, 8), '-o', 'json');
    expect(JSON.parse(both.stdout)).toMatchObject({ count: 1, nodes: [{ id: failed }] });
    const waited = await cli('wait', failed, '--for', 'ended', '-o', 'json');
    expect(JSON.parse(waited.stdout)).toMatchObject({
      id: failed,
      cluster_name: expect.any(String) as string,
    });
    expect((await cli('get', failed, '-o', 'json', '--json')).exitCode).toBe(2);
  });
});

test('completion in bash offers the names of nodes, and none without a server', async () => {
  const { stdout: script } = await cli('completion', 'bash');
  const complete = (listing: string) =>
    execFileSync(
      'bash',
      [
        '-c',
        `${script}\nlaunchlog() { ${listing}; }\nCOMP_WORDS=(launchlog logs cic); COMP_CWORD=2; _launchlog; echo "\${COMPREPLY[*]}"`,
      ],
      { encoding: 'utf8' },
    );
  expect(complete('[[ $* == "completion-values nodes -- cic" ]] && echo cic-one && echo cic-two')).toBe(
    'cic-one cic-two\n',
  );
  expect(complete('return 3')).toBe('\n');
});

test.each([
  ['nodes', () => expect.stringMatching(/^cic-aws-\S+\n$/) as string],
  ['regions', () => 'us-west-2\n'],
  ['gpus', () => 'A100\n'],
  ['models', () => 'Qwen/Qwen3-8B\n'],
  ['deployments', () => 'chat\n'],
  ['tenants', () => ''],
  ['tokens', () => ''],
])('completion reads %s from the server, and is silent without one', async (what, values) => {
  expect(await cli('completion-values', what)).toEqual({ exitCode: 0, stdout: values(), stderr: '' });
  expect((await cli('completion-values', what, '--', 'none-begins-so')).stdout).toBe('');
  const away = await cli('completion-values', what, '--url', 'http://127.0.0.1:1');
  expect(away).toEqual({ exitCode: 0, stdout: '', stderr: '' });
});

test('groups of metrics are a line each', async () => {
  await client.nodes.launch({ ...SPEC, gpu: 'H100' });
  await expect
    .poll(async () => (await cli('metrics', '--by', 'gpu', '-o', 'name')).stdout.split('\n').toSorted())
    .toEqual(['', 'A100', 'H100']);
});

test('a launch that is followed with -q prints its id alone, and exits as the launch ends', async () => {
  const place = ['--provider', 'aws', '--region', 'us-west-2', '--gpu', 'A100', '--model', 'm'];
  const run = await cli('launch', ...place, '--scenario', 'quota', '-f', '-q');
  expect(run).toMatchObject({ exitCode: 1, stdout: expect.stringMatching(/^[0-9a-f-]{36}\n$/) as string });
});
