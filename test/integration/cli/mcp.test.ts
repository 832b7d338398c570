import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { createLaunchlogClient } from '@launchlog/sdk';
import type { LaunchlogClient } from '@launchlog/sdk';
import { boundedJson } from '@launchlog/sdk/cli/mcp/bounded-json';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppProcess } from '../../support/server/app-process.js';
import { buildSdk, CLI_PATH } from '../../support/package/built-sdk.js';

const SPEC = { provider: 'gcp', region: 'us-central1', gpu: 'A100', model: 'Qwen/Qwen3-8B' } as const;
const SETUP_MS = 300_000;

interface ToolText {
  readonly content: readonly { readonly text: string }[];
  readonly isError?: boolean;
}

let app: AppProcess;
let client: LaunchlogClient;
let agent: Client;
let failed: string;

async function connected(token: string): Promise<Client> {
  const made = new Client({ name: 'test', version: '1.0.0' });
  const environment = { LAUNCHLOG_URL: app.url, LAUNCHLOG_TOKEN: token };
  await made.connect(
    new StdioClientTransport({ command: process.execPath, args: [CLI_PATH, 'mcp'], env: environment }),
  );
  return made;
}

beforeAll(async () => {
  buildSdk();
  app = await AppProcess.start({ SIMULATOR_SPEED: '100' });
  client = createLaunchlogClient({ url: app.url, token: app.token });
  const { node } = await client.nodes.launch({
    ...SPEC,
    deploymentId: 'chat',
    simulatorScenario: 'setup-error',
  });
  failed = node.id;
  await client.nodes.launch({ ...SPEC, provider: 'aws', region: 'us-west-2' });
  for await (const event of client.nodes.logsStream(failed)) if (event.type === 'done') break;
  agent = await connected(app.token);
}, SETUP_MS);

afterAll(async () => {
  await agent?.close();
  await client?.close();
  await app?.close();
});

async function asked(name: string, input: object, by = agent): Promise<{ text: string; isError: boolean }> {
  const { content, isError } = (await by.callTool({ name, arguments: { ...input } })) as unknown as ToolText;
  return { text: content.map(({ text }) => text).join('\n'), isError: isError === true };
}

async function answered<Answer>(name: string, input: object): Promise<Answer> {
  const { text, isError } = await asked(name, input);
  expect(isError, text).toBe(false);
  return JSON.parse(text) as Answer;
}

describe('an agent', () => {
  test('is offered tools that only read, each with a schema of its arguments', async () => {
    const { tools } = await agent.listTools();
    const names = tools.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['list_nodes', 'explain_failure', 'read_log', 'search_logs']),
    );
    for (const tool of tools) {
      expect(tool.annotations?.readOnlyHint, tool.name).toBe(true);
      expect(tool.inputSchema.type, tool.name).toBe('object');
    }
  });

  test('learns why the last launches on one cloud failed, in the words of the cause', async () => {
    const query = { status: ['failed'], provider: 'gcp', sort: 'ended', limit: 5 };
    const { nodes, counts } = await answered<{ nodes: { id: string }[]; counts: { total: number } }>(
      'list_nodes',
      query,
    );
    expect(nodes.map(({ id }) => id)).toEqual([failed]);
    expect(counts.total).toBe(1);
    const why = await answered<{ failureMessage: string; evidence: { lines: string[] }; errors: string[] }>(
      'explain_failure',
      { node: failed.slice(0, 8) },
    );
    expect(why.failureMessage).toBe((await client.nodes.get(failed)).failureMessage);
    expect(why.evidence.lines.length).toBeGreaterThan(0);
    expect(why.errors.length).toBeGreaterThan(0);
  });

  test('reads a log in bounded pieces that join', async () => {
    const whole: number[] = [];
    for await (const { seq } of client.nodes.logs(failed)) whole.push(seq);
    const last = await answered<{ lines: string[] }>('read_log', { node: failed, tail: 3 });
    expect(last.lines.map((line) => Number(line.split(' ')[0]))).toEqual(whole.slice(-3));
    const errors = await answered<{ lines: string[] }>('read_log', { node: failed, level: ['error'] });
    expect(errors.lines.every((line) => line.includes(' error '))).toBe(true);
  });

  test('searches all logs, reads metrics and the events of a node', async () => {
    const found = await answered<{ hits: { nodeId: string }[] }>('search_logs', { q: 'setup', limit: 5 });
    expect(found.hits.some(({ nodeId }) => nodeId === failed)).toBe(true);
    const metrics = await answered<{ total: { failed: number } }>('launch_metrics', {
      groupBy: ['provider'],
    });
    expect(metrics.total.failed).toBe(1);
    const story = await answered<{ events: { kind: string }[] }>('node_events', { node: failed });
    expect(story.events.length).toBeGreaterThan(1);
  });

  test.each([
    ['list_nodes', { status: ['broken'] }, /status/],
    ['list_nodes', { limit: 51 }, /limit/],
    ['read_log', { node: 'x', tail: 100_000 }, /tail/],
    ['read_log', {}, /node/],
    ['get_node', { node: 'ffffffff' }, /ffffffff/],
    ['terminate', {}, /there is no tool "terminate"/],
  ])('%s with %o is answered with a sentence that names the fault', async (name, input, sentence) => {
    const { text, isError } = await asked(name, input);
    expect(isError).toBe(true);
    expect(text).toMatch(sentence);
  });

  test('has the rights of its token, and no more', async () => {
    const { token } = await client.tokens.create({
      name: 'elsewhere',
      scopes: ['read'],
      deploymentId: 'other',
    });
    const other = await connected(token);
    try {
      const list = await asked('list_nodes', {}, other);
      expect(JSON.parse(list.text)).toMatchObject({ nodes: [], counts: { total: 0 } });
      const { text, isError } = await asked('get_node', { node: failed }, other);
      expect([isError, text.includes('setup')]).toEqual([true, false]);
    } finally {
      await other.close();
    }
  });
});

test('an answer that is too long keeps its newest lines and counts the others', () => {
  const lines = Array.from({ length: 1_000 }, (_, index) => `line ${index}`);
  const answer = JSON.parse(boundedJson({ id: 'n', lines }, 2_000)) as {
    lines: string[];
    omitted: { lines: number };
  };
  expect(answer.lines.at(-1)).toBe('line 999');
  expect(answer.lines.length + answer.omitted.lines).toBe(1_000);
  const nodes = JSON.parse(boundedJson({ nodes: lines }, 2_000)) as { nodes: string[] };
  expect(nodes.nodes[0]).toBe('line 0');
});
