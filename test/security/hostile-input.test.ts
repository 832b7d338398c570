import { createParser } from 'eventsource-parser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { neutralise } from '@launchlog/sdk/cli/screen/neutralise';
import { skypilotTask } from '@launchlog/server/orchestrator/skypilot/task';
import { nodeLogKeys } from '@launchlog/server/redis/keys';
import { launchRequestSchema } from '@launchlog/shared/launch-request';
import { SseReader } from '../support/client/server-sse-reader.js';
import { TestSocket } from '../support/client/test-socket.js';
import { writeLine } from '../support/log/write-line.js';
import { ADMIN_TOKEN, ServerEdge } from '../support/server/server-edge.js';
import { skypilotLaunchSpec } from '../support/skypilot/launch-spec.js';

const ESC = '\u001b';
const HOSTILE_LINES = [
  'a\r\nevent: done\r\ndata: {"status":"active"}\r\n\r\n',
  'b\n\nevent: error\ndata: forged\n\nid: 1:99999\n',
  'c\u2028event: done\u2029data: x\u0085data: y',
  `d${ESC}]52;c;ZWNobyBwd25lZA==\u0007${ESC}[2J${ESC}]0;title\u0007`,
  '<img src=x onerror=alert(1)><script>alert(1)</script>',
  '"}\n\n{"json":1}\0\u0000',
  '\u202egnp.exe',
];

let edge: ServerEdge;
beforeAll(async () => void (edge = await ServerEdge.start()));
afterAll(() => edge.close());

describe('a log line that attacks its readers', () => {
  test('is stored unchanged, adds no event to the stream, and is shown as text in a terminal', async () => {
    const { node, writer, path } = await edge.nodeWithLog(0);
    for (const line of HOSTILE_LINES) writeLine(writer, line, { phase: 'installing', source: 'instance' });
    writeLine(writer, 'the end', { phase: 'installing', source: 'instance' });
    await writer.flush();
    const reader = await SseReader.open(`${edge.url}${path}?follow=false`, { 'X-Admin-Token': ADMIN_TOKEN });
    await reader.toEnd();
    const events: { event: string | undefined; id: string | undefined; data: string }[] = [];
    const parser = createParser({ onEvent: ({ event, id, data }) => events.push({ event, id, data }) });
    parser.feed(reader.raw);
    const logs = events.filter(({ event }) => event === 'log');
    expect(logs.map(({ data }) => (JSON.parse(data) as { message: string }).message).at(-1)).toBe('the end');
    expect(logs).toHaveLength(HOSTILE_LINES.length + 1);
    expect(events.filter(({ event }) => event === 'done')).toHaveLength(1);
    expect(events.filter(({ event }) => event === 'error')).toEqual([]);
    expect(logs.every(({ id }) => /^[0-9a-f]{16}:\d+$/.test(id ?? ''))).toBe(true);
    for (const { data } of logs) {
      const shown = neutralise((JSON.parse(data) as { message: string }).message, true);
      expect(shown).not.toMatch(
        /[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f-\u009f\u202e]|\u001b(?!\[[\d;]*m)/,
      );
    }
    const history = await edge.fetch(`/admin/nodes/${node.id}/logs`);
    expect(history.headers.get('content-type')).toMatch(/^application\/json/);
    expect(history.headers.get('x-content-type-options')).toBe('nosniff');
  });
});

describe('a header or id that would inject', () => {
  test.each([
    'a\u0000b',
    '0123456789abcdef:1\n',
    `${'0'.repeat(16)}:${'9'.repeat(400)}`,
    '-1',
    'NaN',
    '../../x',
    '*',
  ])('Last-Event-ID and cursor %j are 400, and are not repeated raw', async (cursor) => {
    const { path } = await edge.nodeWithLog(1);
    const answer = await edge.fetch(`${path}?cursor=${encodeURIComponent(cursor)}`);
    expect(answer.status).toBe(400);
    expect(await answer.text()).not.toContain('\n');
  });

  test('a node id reaches no key of Redis but its own', () => {
    for (const id of ['*', 'a*', 'a}b{', '{x}', 'a b', 'a\nb', 'a\0', 'x'.repeat(65), '', '../a', 'ä']) {
      expect(() => nodeLogKeys(id), id).toThrow(RangeError);
    }
  });

  test.each([
    '*',
    '{',
    '..%2f..%2fetc%2fpasswd',
    '%00',
    '%0d%0aSet-Cookie:x=1',
    'x'.repeat(10_000),
    "'%20or%201=1--",
    '%ff',
    '%',
  ])('the node id %j is nobody', async (id) => {
    for (const suffix of ['', '/logs', '/logs/stream', '/logs/export?format=csv', '/status']) {
      const answer = await edge.fetch(`/admin/nodes/${id}${suffix}`);
      expect([400, 404], `${id}${suffix}`).toContain(answer.status);
      expect(answer.headers.get('set-cookie')).toBeNull();
      await answer.body?.cancel();
    }
  });

  test('the server chooses the name of an exported file', async () => {
    const { node } = await edge.nodeWithLog(1);
    const answer = await edge.fetch(`/admin/nodes/${node.id}/logs/export?format=csv&filename=../../x`);
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="[\w.-]+\.csv"$/);
  });
});

describe('paths', () => {
  test.each([
    '/../../../../etc/passwd',
    '/..%2f..%2f..%2fetc%2fpasswd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/assets/..%5c..%5cpackage.json',
    '/....//....//etc/passwd',
    '/%00/etc/passwd',
    '//etc/passwd',
  ])('%s leads nowhere outside the console', async (path) => {
    const { hostname, port } = new URL(edge.url);
    const text = await rawGet(hostname, Number(port), path);
    expect(text).not.toContain('root:');
    expect(text).not.toContain('"devDependencies"');
    expect(text).toMatch(/^HTTP\/1\.1 (?:200|400|404)/);
  });
});

describe('objects that attack', () => {
  const PAYLOADS = [
    '{"__proto__":{"polluted":true},"provider":"aws"}',
    '{"constructor":{"prototype":{"polluted":true}}}',
    '{"secrets":{"__proto__":{"polluted":"yes"}}}',
    '{"json":{"id":"x"},"meta":{"values":{"__proto__.polluted":["undefined"]}}}',
    '{"json":{"a":1},"meta":{"values":{"constructor.prototype.polluted":["undefined"]}}}',
    '{"json":{"a":{}},"meta":{"referentialEqualities":{"a":["__proto__.polluted"]}}}',
    '{"json":100000000,"meta":{"values":[["typed-array","Float64Array"]]}}',
    '{"json":{"id":"(a+)+$"},"meta":{"values":{"id":["regexp"]}}}',
    '{"json":{"id":"1"},"meta":{"values":{"id":["bigint"]}}}',
    '{"json":{"id":[]},"meta":{"values":{"id":["set"]}}}',
    `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
    `{"json":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`,
  ];

  test.each(PAYLOADS.map((payload) => [payload.slice(0, 60), payload]))(
    '%s pollutes nothing and is refused',
    async (_name, payload) => {
      const json = { 'Content-Type': 'application/json' };
      for (const path of [
        '/admin/nodes/launch',
        '/admin/tokens',
        '/session',
        '/trpc/nodes.cancel',
        '/trpc/nodes.launch',
      ]) {
        const answer = await edge.fetch(path, { method: 'POST', headers: json, body: payload });
        expect(answer.status, path).toBeGreaterThanOrEqual(400);
        expect(answer.status, path).toBeLessThan(500);
      }
      const socket = await TestSocket.open(edge.url, { 'X-Admin-Token': ADMIN_TOKEN });
      socket.send(`{"id":1,"method":"mutation","params":{"path":"nodes.cancel","input":${payload}}}`);
      expect(await socket.refusalOf(1)).not.toContain('internal');
      socket.close();
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
      expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('polluted');
    },
  );

  test('the typed-array bomb allocates nothing before the caller is known', async () => {
    const before = process.memoryUsage().arrayBuffers;
    const bomb =
      '{"id":1,"method":"query","params":{"path":"nodes.get","input":{"json":100000000,"meta":{"values":[["typed-array","Float64Array"]]}}}}';
    expect((await fetch(`${edge.url}/trpc/nodes.get?input=${encodeURIComponent(bomb)}`)).status).toBe(401);
    const socket = await TestSocket.open(`${edge.url}`, { 'X-Admin-Token': ADMIN_TOKEN });
    for (let number = 0; number < 50; number += 1) socket.send(bomb);
    await socket.refusalOf(1);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
    socket.close();
  });
});

describe('a launch request that would run something', () => {
  const ATTACKS = [
    '; id',
    '$(id)',
    '`id`',
    '\n- x',
    "'; id #",
    '"; id #',
    '| id',
    '&& id',
    '--env-file=/etc/passwd',
    '-x',
    '!!python/object/apply:os.system [id]',
    '${HOME}',
    '\u0000',
    '*alias',
    '&anchor',
    '{{ id }}',
  ];
  const REQUEST = { provider: 'lambda', region: 'us-east-1', gpu: 'A100', model: 'gpt2' } as const;
  const FIELDS = [
    'provider',
    'region',
    'gpu',
    'model',
    'deploymentId',
    'tenantId',
    'nodeId',
    'gpuCount',
    'diskSize',
    'tensorParallel',
    'gpuMemoryUtilization',
    'useSpot',
    'useRunaiStreamer',
    'streamerConcurrency',
    'streamerMemoryLimit',
    'keepOnFailure',
    'simulatorScenario',
  ] as const;

  test.each(FIELDS)('by %s is refused', (field) => {
    for (const attack of ATTACKS) {
      const appended = /^-\w$/.test(attack) ? attack : `a${attack}`;
      for (const value of [attack, appended, [attack], { [attack]: attack }]) {
        expect(
          launchRequestSchema.safeParse({ ...REQUEST, [field]: value }).success,
          JSON.stringify(value),
        ).toBe(false);
      }
    }
  });

  test('by the name of a secret is refused', () => {
    for (const attack of ATTACKS) {
      expect(launchRequestSchema.safeParse({ ...REQUEST, secrets: { [`A${attack}`]: 'x' } }).success).toBe(
        false,
      );
    }
  });

  test('by vllm_args or the value of a secret reaches YAML and shell only as one quoted word', () => {
    for (const attack of ATTACKS.filter((text) => !text.includes('\u0000'))) {
      const spec = skypilotLaunchSpec({}, { secrets: { TOKEN: attack } });
      const args = `--served-model-name '${attack.replaceAll("'", '').replaceAll(/[\n\0]/g, '')}'`;
      const request = { ...spec.request, vllmArgs: args };
      const task = parseYaml(
        skypilotTask({ ...spec, request }, { otherRegions: false, secrets: 'included' }),
      ) as {
        secrets: Record<string, string>;
        run: string;
      };
      expect(task.secrets).toEqual({ TOKEN: attack });
      expect(Object.keys(task).toSorted()).toEqual(['name', 'resources', 'run', 'secrets', 'setup']);
      expect(task.run.split('\n').some((line) => /^\s*(?:id|- x)\b/.test(line))).toBe(false);
    }
  });
});

async function rawGet(host: string, port: number, path: string): Promise<string> {
  const { connect } = await import('node:net');
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, host, () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
    );
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
}
