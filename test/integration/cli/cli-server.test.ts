import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LogEntry } from '@launchlog/shared/log-entry';
import type { Node } from '@launchlog/shared/node';
import { buildSdk, CLI_PATH } from '../../support/package/built-sdk.js';
import { runNode } from '../../support/process/node-run.js';
import { AppProcess } from '../../support/server/app-process.js';

const LAUNCH = '--provider aws --region us-west-2 --gpu A100 --model facebook/opt-125m --json'.split(' ');

let app: AppProcess;
let home: string;
let node: Node;
let entries: LogEntry[];
let followed: number | null;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'launchlog-cli-'));
  buildSdk();
  app = await AppProcess.start({ SIMULATOR_SPEED: '200' });
  node = JSON.parse((await cli('launch', ...LAUNCH, '--deployment', 'chat')).stdout) as Node;
  followed = (await cli('logs', '-f', '--deployment', 'chat')).exitCode;
  const answer = await app.fetch(`/admin/nodes/${node.id}/logs?tail=10000`);
  entries = ((await answer.json()) as { logs: LogEntry[] }).logs;
}, 180_000);

afterAll(async () => {
  await app?.close();
  rmSync(home, { recursive: true, force: true });
});

const environment = () => ({ HOME: home, LAUNCHLOG_URL: app.url, LAUNCHLOG_TOKEN: app.token });

async function cli(...args: string[]) {
  const run = runNode([CLI_PATH, ...args], { environment: environment() });
  const exitCode = await run.exitCode;
  return { exitCode, stdout: run.stdout(), stderr: run.stderr() };
}

const seqs = (found: readonly { seq: number }[]) => found.map(({ seq }) => seq);

test('launchlog logs -f --deployment ends when its launches have ended', () => {
  expect(followed).toBe(0);
});

test('launchlog doctor prints each finding with its remedy, and exits with 0 where nothing fails', async () => {
  const { exitCode, stdout } = await cli('doctor');
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^ok {4}database: embedded PGlite/m);
  expect(stdout).toMatch(
    /^warn {2}launches: launches are simulated.*\n {6}Set SKYPILOT_API_SERVER_ENDPOINT/m,
  );
  const { findings } = JSON.parse((await cli('doctor', '--json')).stdout) as {
    findings: { check: string }[];
  };
  expect(findings.map(({ check }) => check)).toContain('disk');
});

describe('launchlog export', () => {
  test('json and ndjson hold every entry', async () => {
    const json = await cli('export', node.id, '--format', 'json');
    expect(json).toMatchObject({ exitCode: 0, stderr: '' });
    expect(seqs(JSON.parse(json.stdout) as LogEntry[])).toEqual(seqs(entries));
    const ndjson = await cli('export', node.id.slice(0, 8), '--format', 'ndjson');
    const rows = ndjson.stdout.trimEnd().split('\n');
    expect(seqs(rows.map((row) => JSON.parse(row) as LogEntry))).toEqual(seqs(entries));
  });

  test('csv has a header and every entry in order, and text has every entry with its time', async () => {
    const csv = (await cli('export', node.clusterName, '--format', 'csv')).stdout;
    expect(csv.split('\r\n')[0]).toBe('seq,timestamp,level,phase,progress,source,message,details');
    const numbers = [...csv.matchAll(/^(\d+),\d{4}-/gm)].map((match) => Number(match[1]));
    expect(numbers).toEqual(seqs(entries));
    const text = (await cli('export', node.id)).stdout;
    const times = text.split('\n').flatMap((line) => /^(\d{4}-\S+Z) [A-Z]/.exec(line)?.[1] ?? []);
    expect(times).toEqual(entries.map(({ timestamp }) => timestamp));
  });

  test('filters and --tail apply to the file', async () => {
    const { stdout } = await cli(
      'export',
      node.id,
      '--format',
      'ndjson',
      '--phase',
      'model_loading',
      '--tail',
      '2',
    );
    const wanted = entries.filter(({ phase }) => phase === 'model_loading').slice(-2);
    const rows = stdout.trimEnd().split('\n');
    expect(seqs(rows.map((row) => JSON.parse(row) as LogEntry))).toEqual(seqs(wanted));
  });

  test('-o writes a file, or a file named after the cluster in a folder, and leaves no partial file', async () => {
    const folder = join(home, 'logs');
    mkdirSync(folder);
    expect((await cli('export', node.id, '-o', join(folder, 'mine.log'))).exitCode).toBe(0);
    expect((await cli('export', node.id, '--format', 'csv', '-o', folder)).exitCode).toBe(0);
    expect((await cli('export', node.id, '--format', 'json', '--gzip', '-o', folder)).exitCode).toBe(0);
    expect((await cli('export', 'nobody', '-o', join(folder, 'none'))).exitCode).toBe(1);
    const names = [`${node.clusterName}.csv`, `${node.clusterName}.json.gz`, 'mine.log'];
    expect(readdirSync(folder).toSorted()).toEqual(names.toSorted());
    const packed = gunzipSync(readFileSync(join(folder, `${node.clusterName}.json.gz`))).toString();
    expect(seqs(JSON.parse(packed) as LogEntry[])).toEqual(seqs(entries));
  });

  test('a file name that ends with .gz, and --gzip into a pipe, compress the export', async () => {
    const file = join(home, 'log.ndjson.gz');
    await cli('export', node.id, '--format', 'ndjson', '-o', file);
    const plain = (await cli('export', node.id, '--format', 'ndjson')).stdout;
    expect(gunzipSync(readFileSync(file)).toString()).toBe(plain);
    const piped = spawnSync(process.execPath, [CLI_PATH, 'export', node.id, '--format', 'ndjson', '--gzip'], {
      env: { PATH: process.env['PATH'], ...environment() },
    });
    expect(gunzipSync(piped.stdout).toString()).toBe(plain);
  });

  test('-o writes directly into a pipe, and replaces the target of a symbolic link', async () => {
    const [pipe, link, file] = ['pipe', 'link', 'behind-link.log'].map((name) => join(home, name)) as [
      string,
      string,
      string,
    ];
    execFileSync('mkfifo', [pipe]);
    const reader = spawn('cat', [pipe]);
    let read = '';
    reader.stdout.on('data', (chunk: Buffer) => (read += chunk.toString()));
    const whole = (await cli('export', node.id)).stdout;
    const ended = new Promise((resolve) => reader.on('close', resolve));
    expect((await cli('export', node.id, '-o', pipe)).exitCode).toBe(0);
    await ended;
    expect(read).toBe(whole);
    expect(statSync(pipe).isFIFO()).toBe(true);
    writeFileSync(file, 'old');
    symlinkSync(file, link);
    expect((await cli('export', node.id, '-o', link)).exitCode).toBe(0);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe(whole);
  });

  test('-o with a missing folder is a usage error', async () => {
    const run = await cli('export', node.id, '-o', `${home}/nowhere/`);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain('nowhere/: no such folder');
  });

  test('a file that cannot be written exits 1, and the old file is kept', async () => {
    const file = join(home, 'kept');
    writeFileSync(file, 'kept');
    expect((await cli('export', node.id, '-o', join(file, 'below'))).exitCode).toBe(1);
    expect(readFileSync(file, 'utf8')).toBe('kept');
  });
});

describe('launchlog metrics', () => {
  test('counts the launch in a table and in JSON', async () => {
    const json = await cli('metrics', '--by', 'provider', '--json');
    expect(json.exitCode).toBe(0);
    const metrics = JSON.parse(json.stdout) as { total: { launches: number; successRate: number } };
    expect(metrics.total).toMatchObject({ launches: 1, successRate: 1 });
    const table = await cli('metrics', '--by', 'provider,gpu');
    expect(table.exitCode).toBe(0);
    expect(table.stdout).toMatch(/aws/);
    expect(table.stdout).toMatch(/A100/);
    expect(table.stdout).toMatch(/100 ?%/);
  });

  test('filters launches, and names an invalid flag', async () => {
    const none = await cli('metrics', '--provider', 'gcp', '--json');
    expect(JSON.parse(none.stdout)).toMatchObject({ total: { launches: 0 } });
    const wrong = await cli('metrics', '--by', 'colour');
    expect(wrong.exitCode).toBe(2);
    expect(wrong.stderr).toContain('--by');
  });
});

describe('budgets', () => {
  test('are set, listed in every form, changed by their name, and removed', async () => {
    expect(await cli('budgets')).toMatchObject({ exitCode: 0, stdout: 'There are no budgets.\n' });
    const made = await cli('budgets', 'set', 'team', '--tenant', 'acme', '--max-hourly-cost', '20');
    expect(made).toMatchObject({ exitCode: 0, stdout: 'team: made, $20 per hour\n' });
    const changed = await cli('budgets', 'set', 'team', '--max-hourly-cost', '35.5', '--rename', 'research');
    expect(changed).toMatchObject({ exitCode: 0, stdout: 'research: changed, $35.5 per hour\n' });
    expect((await cli('budgets')).stdout).toMatch(/^research +acme +\$35\.50 +\$0\.00 +0% +within /m);
    expect((await cli('budgets', 'list', '-o', 'wide')).stdout).toMatch(
      /CREATED +BY +ID\n.* admin +[0-9a-f-]{36}$/m,
    );
    expect((await cli('budgets', '-o', 'name')).stdout).toBe('research\n');
    expect((await cli('budgets', '-q')).stdout).toBe('research\n');
    const { stdout } = await cli('budgets', '-o', 'json');
    const answer = { count: 1, budgets: [{ name: 'research', tenant_id: 'acme', max_hourly_cost: 35.5 }] };
    expect(JSON.parse(stdout)).toMatchObject(answer);
    expect((await cli('budgets', '-o', 'yaml')).stdout).toContain('max_hourly_cost: 35.5');
    expect((await cli('budgets', 'remove', 'research', 'nothing')).exitCode).toBe(2);
    expect(await cli('budgets', 'remove', 'research')).toMatchObject({ stdout: 'research: removed\n' });
    expect((await cli('budgets', '--json')).stdout).toBe('');
  });

  test.each([
    [
      ['set', 'new', '--max-hourly-cost', '5'],
      /no budget 'new' yet: a new one needs --tenant or --deployment/,
    ],
    [['set', 'new', '--tenant', 'a'], /--max-hourly-cost is required/],
    [['set', 'new', '--tenant', 'a', '--max-hourly-cost', '-5'], /--max-hourly-cost must be more than 0/],
    [['set', 'new', '--rename', 'old'], /there is no budget 'new'/],
    [['remove', 'nothing'], /there is no budget 'nothing'/],
  ])('refuse %o, with the flag', async (words, sentence) => {
    expect(await cli('budgets', ...words)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(sentence) as string,
    });
  });
});

describe('strays', () => {
  test('do not exist in the simulator, and an unknown one cannot be terminated', async () => {
    expect(await cli('strays')).toMatchObject({ exitCode: 0, stdout: 'There are no strays.\n' });
    expect(await cli('strays', 'list', '--json')).toMatchObject({ exitCode: 0, stdout: '' });
    const unknown = await cli('strays', 'terminate', 'cic-nothing');
    expect(unknown).toMatchObject({ exitCode: 1, stdout: '' });
    expect(unknown.stderr).toContain('stray not found: cic-nothing');
  });
});
