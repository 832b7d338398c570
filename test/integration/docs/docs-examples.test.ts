import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LogEntry } from '@launchlog/shared/log-entry';
import { DocumentedPrograms } from '../../support/docs/documented-programs.js';
import { MarkdownPage } from '../../support/docs/markdown-page.js';
import { buildSdk } from '../../support/package/built-sdk.js';
import { buildWorkspaces } from '../../support/package/built-workspaces.js';
import { pythonPackages } from '../../support/package/python-packages.js';
import type { ChildRun } from '../../support/process/child-run.js';
import { AppProcess } from '../../support/server/app-process.js';

const page = MarkdownPage.read('docs/NODE_LOG_STREAMING_API.md');
/** A simulated launch of four minutes then takes some four seconds. */
const SPEED = '60';
const SETUP_MS = 240_000;
const MINUTES_MS = 180_000;
const LAUNCH = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'Qwen/Qwen2.5-7B-Instruct' };

let app: AppProcess;
let programs: DocumentedPrograms;
let python: string;

beforeAll(async () => {
  await buildWorkspaces();
  buildSdk();
  programs = await DocumentedPrograms.of(page);
  python = join(await pythonPackages('docs', ['requests==2.34.2', 'sseclient-py==1.9.0']), 'python');
  app = await AppProcess.start({ SIMULATOR_SPEED: SPEED });
}, SETUP_MS);

afterAll(async () => {
  await app?.close();
  await programs?.remove();
});

async function launchNode(scenario = 'success'): Promise<string> {
  const body = JSON.stringify({ ...LAUNCH, simulator_scenario: scenario });
  const answer = await app.fetch('/admin/nodes/launch', { method: 'POST', body });
  return ((await answer.json()) as { node_id: string }).node_id;
}

/** One for all tests that only read. */
let finished: Promise<string> | undefined;
function finishedNode(): Promise<string> {
  finished ??= (async () => {
    const nodeId = await launchNode();
    await shell('wait', { NODE_ID: nodeId });
    return nodeId;
  })();
  return finished;
}

async function history(nodeId: string): Promise<LogEntry[]> {
  const answer = await app.fetch(`/admin/nodes/${nodeId}/logs?tail=10000`);
  return ((await answer.json()) as { logs: LogEntry[] }).logs;
}

function environment(more: Record<string, string> = {}): Record<string, string> {
  return { LAUNCHLOG_URL: app.url, LAUNCHLOG_TOKEN: app.token, ...more };
}

async function shell(name: string, more: Record<string, string> = {}) {
  const child = programs.shell(name, environment(more));
  const code = await child.exit();
  return { code, stdout: child.stdout, stderr: child.stderr };
}

function program(name: string, nodeId: string): Promise<ChildRun> {
  return programs.start(name, [nodeId], { python, environment: environment() });
}

/** The blocks that are run by bash. */
const SHELL =
  'launch stream history filters resume wait ticket idempotent-launch export all-nodes search'.split(' ');
const printed = (entry: LogEntry) => `[${entry.level}] ${entry.phase}: ${entry.message}`;
const FOLLOWERS = page.codeBlocks.flatMap(({ name = '' }) =>
  /^follow.*\.(?:py|mjs|ts)$/.test(name) ? [name] : [],
);

describe('the examples for curl', () => {
  test('launch responds as documented, and the stream of the launch ends with done', async () => {
    const launched = await shell('launch');
    expect(launched.code).toBe(0);
    const answer = JSON.parse(launched.stdout) as Record<string, string>;
    const shown = JSON.parse(page.code('launch-answer').text) as Record<string, string>;
    expect(Object.keys(answer).toSorted()).toEqual(Object.keys(shown).toSorted());
    const { stdout, code } = await shell('stream', { NODE_ID: answer['node_id'] ?? '' });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^: connected\nretry: \d+\n\nevent: status\n/);
    expect(stdout).toMatch(/event: done\nid: [0-9a-f]{16}:\d+:done\ndata: \{"status":"active".*\}\n\n$/);
  });

  test('the history has the documented fields', async () => {
    const nodeId = await finishedNode();
    const answer = JSON.parse((await shell('history', { NODE_ID: nodeId })).stdout) as { logs: object[] };
    const shown = JSON.parse(page.code('log-page').text) as { logs: object[] };
    expect(Object.keys(answer)).toEqual(Object.keys(shown));
    expect(Object.keys(answer.logs.at(-1) ?? {})).toEqual(Object.keys(shown.logs[0] ?? {}));
  });

  test('filters return exactly the matching entries', async () => {
    const nodeId = await finishedNode();
    const { logs } = JSON.parse((await shell('filters', { NODE_ID: nodeId })).stdout) as { logs: LogEntry[] };
    const matching = (await history(nodeId)).filter(
      ({ phase, message }) =>
        (phase === 'model_loading' || phase === 'health_check') && /checkpoint/i.test(message),
    );
    expect(logs.length).toBeGreaterThan(0);
    expect(logs).toEqual(matching);
  });

  test('resuming by Last-Event-ID delivers the following events, and none twice', async () => {
    const nodeId = await finishedNode();
    const entries = await history(nodeId);
    const first = await shell('stream', { NODE_ID: nodeId });
    const [, epoch = ''] = /id: ([0-9a-f]{16}):/.exec(first.stdout) ?? [];
    const { stdout } = await shell('resume', { NODE_ID: nodeId, CURSOR: `${epoch}:${entries.length - 3}` });
    const seqs = [...stdout.matchAll(/^id: [0-9a-f]{16}:(\d+)$/gm)].map(([, seq]) => Number(seq));
    expect(seqs).toEqual([entries.length - 2, entries.length - 1, entries.length]);
    const over = await shell('resume', { NODE_ID: nodeId, CURSOR: `${epoch}:${entries.length}:done` });
    expect(over).toMatchObject({ code: 0, stdout: '' });
  });

  test('a waiting script exits with 0 for an active node and with 1 for a failed launch', async () => {
    const active = await shell('wait', { NODE_ID: await launchNode() });
    expect(active).toMatchObject({ code: 0, stdout: 'The launch is active\n' });
    const failed = await shell('wait', { NODE_ID: await launchNode('quota') });
    expect(failed).toMatchObject({ code: 1, stdout: 'The launch is failed\n' });
  });

  test('a repeated launch with the same key does not launch again', async () => {
    const [first, second] = [await shell('idempotent-launch'), await shell('idempotent-launch')];
    expect(first.code).toBe(0);
    expect(second.stdout).toBe(first.stdout);
  });

  test('an export has a header and a line for each entry', async () => {
    const nodeId = await finishedNode();
    const { code, stderr } = await shell('export', { NODE_ID: nodeId });
    expect(code, stderr).toBe(0);
    const file = await readFile(join(programs.folder, 'launch.csv'), 'utf8');
    const seqs = [...file.matchAll(/^(?:[^,\n]*,)?(\d+),/gm)].map(([, seq]) => Number(seq));
    expect(file.split(/\r?\n/)[0]).toContain('seq');
    expect(seqs.length).toBeGreaterThanOrEqual((await history(nodeId)).length);
  });

  test('the stream of all nodes names the node of each event and ends with end', async () => {
    const nodeId = await finishedNode();
    const { code, stdout } = await shell('all-nodes');
    expect(code).toBe(0);
    expect(stdout).toMatch(/event: end\n(?:id: .*\n)?data: .*\n\n$/);
    expect(stdout).toContain(`"node_id":"${nodeId}"`);
  });

  test('the last line of a search reports whether it was complete', async () => {
    await finishedNode();
    const { code, stdout } = await shell('search');
    expect(code).toBe(0);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.at(-1)).toMatchObject({ type: 'end' });
    expect(lines.slice(0, -1).length).toBeGreaterThan(0);
    expect(lines.slice(0, -1).every(({ type }) => type === 'hit')).toBe(true);
  });

  test('a ticket has the documented fields', async () => {
    const { stdout } = await shell('ticket', { NODE_ID: await launchNode() });
    const shown = JSON.parse(page.code('ticket-answer').text) as Record<string, unknown>;
    expect(JSON.parse(stdout)).toEqual({ ticket: expect.any(String), expires_in: shown['expires_in'] });
  });

  test('an error has the documented body', async () => {
    const answer = await app.fetch('/admin/nodes/00000000-0000-4000-8000-000000000000/logs');
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual(JSON.parse(page.code('error-answer').text));
  });
});

describe('the client programs', () => {
  describe('survives a server that is killed in mid-launch and restarted', () => {
    const clients = new Map<string, ChildRun>();
    let entries: LogEntry[] = [];

    beforeAll(async () => {
      const nodeId = await launchNode();
      for (const name of FOLLOWERS) clients.set(name, await program(name, nodeId));
      await Promise.all([...clients.values()].map((client) => client.untilLines(5)));
      await app.down('SIGKILL');
      await app.up();
      await Promise.all([...clients.values()].map((client) => client.exit(MINUTES_MS).catch(() => -1)));
      entries = await history(nodeId);
    }, MINUTES_MS);

    afterAll(async () => {
      await Promise.all([...clients.values()].map((client) => client.stop()));
    });

    test.each(FOLLOWERS)('%s prints every entry once and in order, and exits with 0', async (name) => {
      const client = clients.get(name)!;
      expect(await client.exit()).toBe(0);
      expect(entries.at(-1)?.phase).toBe('active');
      expect(client.lines.slice(0, -1)).toEqual(entries.flatMap((entry) => printed(entry).split('\n')));
      expect(client.lines.at(-1)).toMatch(/^The launch is active: /);
    });
  });

  test('history.py prints the whole log, page by page', async () => {
    const nodeId = await finishedNode();
    const client = await program('history.py', nodeId);
    expect(await client.exit()).toBe(0);
    const entries = await history(nodeId);
    expect(entries.length).toBeGreaterThan(25);
    expect(client.lines).toEqual(entries.map(({ seq, message }) => `${seq} ${message}`));
  });

  test.each(['follow.py', 'follow.mjs', 'follow.ts'])(
    '%s exits with an error if there is no such node',
    async (name) => {
      const client = await program(name, '00000000-0000-4000-8000-000000000000');
      expect(await client.exit()).not.toBe(0);
      expect(client.stderr).toMatch(/404|node not found/);
    },
  );

  test('every example has a test, and those that set up a shell are not programs', () => {
    const languages = new Set(['sh', 'python', 'js', 'ts']);
    const untested = page.codeBlocks.filter(
      ({ language, name }) => languages.has(language) && name === undefined,
    );
    expect(untested.map(({ text }) => text.replaceAll(/^export .*\n?/gm, ''))).toEqual(['']);
    const run = [...SHELL, ...FOLLOWERS, 'history.py', 'follow-in-a-page.js'];
    const named = page.codeBlocks.filter(({ language }) => languages.has(language)).map(({ name }) => name);
    expect(named.filter((name) => name !== undefined).toSorted()).toEqual(run.toSorted());
  });
});
