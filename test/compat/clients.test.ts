import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TriedRows } from '../support/docs/tried-rows.js';
import { HttpProxy } from '../support/network/http-proxy.js';
import { NginxServer } from '../support/network/nginx-server.js';
import { npmPackages } from '../support/package/npm-packages.js';
import { pythonPackages } from '../support/package/python-packages.js';
import { AppProcess } from '../support/server/app-process.js';
import { eventually } from '../support/within.js';

const run = promisify(execFile);
const program = (name: string) => fileURLToPath(new URL(`program/${name}`, import.meta.url));
const LAUNCH = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'facebook/opt-125m' };
const TRPC_VERSIONS = ['11.0.0', '11.4.4', '11.8.1', '11.25.2'];
const TRPC_LINKS = [
  'httpLink',
  'httpBatchLink',
  'httpBatchStreamLink',
  'wsLink',
  'wsLink, lazy',
  'wsLink, keepAlive',
  'httpSubscriptionLink',
  'splitLink',
];
/** Cuts of the connection of each subscription that is read directly. */
const CUTS = 10;
/** There a lazy socket that was cut stays closed, although there are subscriptions. */
const STAYS_CUT = '11.0.0 wsLink, lazy';
const rows = new TriedRows('clients');
const proxyRows = new TriedRows('proxies');

let app: AppProcess;
let folder: string;
let nodeId: string;
let expected: { readonly entries: number; readonly done: number };
const places = new Map<string, string>();
const closers: (() => Promise<void>)[] = [];

beforeAll(async () => {
  app = await AppProcess.start({ SIMULATOR_SPEED: '100' });
  folder = await mkdtemp(join(tmpdir(), 'launchlog-compat-'));
  const upstream = new URL(app.url).host;
  const nginx = await NginxServer.start({ upstreams: [upstream] });
  const haproxy = await HttpProxy.start('haproxy', upstream);
  const varnish = await HttpProxy.start('varnish', upstream);
  closers.push(...[nginx, haproxy, varnish].map((proxy) => () => proxy.stop()));
  places
    .set('directly', app.url)
    .set('nginx', nginx.url)
    .set('haproxy', haproxy.url)
    .set('Varnish', varnish.url);
  const launched = await app.fetch('/admin/nodes/launch', { method: 'POST', body: JSON.stringify(LAUNCH) });
  nodeId = ((await launched.json()) as { node_id: string }).node_id;
  const node = async () => (await (await app.fetch(`/admin/nodes/${nodeId}`)).json()) as { status: string };
  await eventually('an active node', async () => (await node()).status === 'active');
  const page = await app.fetch(`/admin/nodes/${nodeId}/logs?tail=10000`);
  expected = { entries: ((await page.json()) as { count: number }).count, done: 1 };
});

afterAll(async () => {
  await rows.write();
  await proxyRows.write();
  for (const close of closers) await close();
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

async function ticket(): Promise<string> {
  const answer = await app.fetch(`/admin/nodes/${nodeId}/logs/ticket`, { method: 'POST' });
  return ((await answer.json()) as { ticket: string }).ticket;
}

async function answerOf(command: string, words: readonly string[], cwd = folder): Promise<unknown> {
  const { stdout } = await run(command, words, { cwd, timeout: 100_000 });
  return JSON.parse(stdout);
}

type Reader = (url: string, key: string) => Promise<unknown>;

/** What a program reads of the stream, directly and through each proxy. */
async function answersOf(read: Reader): Promise<Record<string, unknown>> {
  const answers: Record<string, unknown> = {};
  for (const [place, url] of places) {
    answers[place] = await read(`${url}/admin/nodes/${nodeId}/logs/stream`, await ticket());
  }
  return answers;
}

const everywhere = () => Object.fromEntries([...places.keys()].map((place) => [place, expected]));

function tried(name: string, version: string): void {
  const via = [...places.keys()].join(', ');
  rows.add(name, version, `a log as events, each entry once, then the end; ${via}`);
}

async function firstLine(command: string, ...words: string[]): Promise<string> {
  const { stdout, stderr } = await run(command, words);
  return `${stdout}${stderr}`.split('\n')[0] ?? '';
}

const versionIn = (line: string) => /\d+(?:\.\d+)+/.exec(line)?.[0] ?? line;

describe('readers of the stream', () => {
  test('curl', async () => {
    const version = versionIn(await firstLine('curl', '--version'));
    const read: Reader = (url, key) => answerOf('sh', [program('curl.sh'), url, key]);
    expect(await answersOf(read)).toEqual(everywhere());
    tried('curl', version);
  });

  test.each([
    ['eventsource', '4.1.1'],
    ['eventsource', '2.0.2'],
    ['event-source-polyfill', '1.0.31'],
    ['reconnecting-eventsource', '1.6.4'],
  ])('%s %s of npm', async (name, version) => {
    const also = name === 'reconnecting-eventsource' ? ['eventsource@4.1.1'] : [];
    const place = await npmPackages(`${name}-${version}`, [`${name}@${version}`, ...also]);
    const read: Reader = (url, key) =>
      answerOf(process.execPath, [program('event-source.mjs'), url, key, name], place);
    expect(await answersOf(read)).toEqual(everywhere());
    tried(`${name} (npm)`, version);
  });

  test.each([
    ['sseclient-py', '1.9.0', ['requests==2.34.2']],
    ['httpx-sse', '0.4.3', ['httpx==0.28.1']],
  ])('%s %s of PyPI', async (name, version, others) => {
    const bin = await pythonPackages(`compat-${name}`, [`${name}==${version}`, ...others]);
    const read: Reader = (url, key) => answerOf(join(bin, 'python'), [program('stream.py'), url, key, name]);
    expect(await answersOf(read)).toEqual(everywhere());
    tried(`${name} (PyPI)`, version);
  });

  test('net/http of Go, with the buffer that a bufio.Scanner usually has', async () => {
    const path = join(folder, 'stream');
    await run('go', ['build', '-o', path, program('stream.go')], {
      env: { ...process.env, GO111MODULE: 'off' },
    });
    const version = versionIn(await firstLine('go', 'version'));
    const read: Reader = (url, key) => answerOf(path, [url, key]);
    expect(await answersOf(read)).toEqual(everywhere());
    tried('net/http and bufio.Scanner of Go', version);
  });

  test('the HTTP client of the JDK, which asks for HTTP/2', async () => {
    const version = versionIn(await firstLine('java', '-version'));
    const read: Reader = (url, key) => answerOf('java', [program('Stream.java'), url, key]);
    expect(await answersOf(read)).toEqual(everywhere());
    tried('java.net.http of the JDK', version);
  });
});

describe.each(TRPC_VERSIONS)('@trpc/client %s', (version) => {
  test.each(TRPC_LINKS)('%s', async (link) => {
    const trpc = [`@trpc/client@${version}`, `@trpc/server@${version}`];
    const packages = [...trpc, 'superjson@2.2.6', 'ws@8.23.0', 'eventsource@4.1.1'];
    const place = await npmPackages(`trpc-links-${version}`, packages);
    const upgrades = /wsLink|splitLink/.test(link);
    const streams = upgrades || link === 'httpSubscriptionLink';
    const survives = streams && `${version} ${link}` !== STAYS_CUT;
    // Varnish passes an upgrade on only where its configuration has a `pipe` for it.
    const via = [...places].filter(([name]) => !upgrades || name !== 'Varnish');
    for (const [name, url] of via) {
      const cuts = survives && name === 'directly' ? CUTS : 0;
      const words = [program('trpc-links.mjs'), `${url}/trpc`, app.token, nodeId, link, String(cuts)];
      const answer = await answerOf(process.execPath, words, place);
      const entries = streams ? expected.entries : 0;
      expect([name, answer]).toMatchObject([name, { entries, inOrder: true, cuts, get: true, list: 1 }]);
    }
    const calls = streams ? 'queries, a mutation, a subscription to its end' : 'queries and a mutation';
    const what = survives ? `${calls}, directly over ${CUTS} cuts` : calls;
    rows.add(`@trpc/client: ${link}`, version, `${what}; ${via.map(([name]) => name).join(', ')}`);
  });
});

describe('proxies', () => {
  test.each([
    ['nginx', 'nginx', '-v', 'streams, WebSocket, tRPC over HTTP, tickets, with the example configuration'],
    ['haproxy', 'haproxy', '-v', '`option httpchk`, streams, WebSocket, tRPC over HTTP, tickets'],
    [
      'Varnish',
      'varnishd',
      '-V',
      'without a configuration: streams, tRPC over HTTP, tickets, no answer of one caller for another',
    ],
  ])('%s keeps no answer for another caller', async (name, command, flag, what) => {
    const url = places.get(name) ?? '';
    for (const path of ['/admin/nodes', `/admin/nodes/${nodeId}/logs`, '/admin/tokens', '/admin/audit']) {
      const headers = { 'X-Admin-Token': app.token };
      expect((await fetch(url + path, { headers })).status).toBe(200);
      expect((await fetch(url + path)).status).toBe(401);
    }
    proxyRows.add(name, versionIn(await firstLine(command, flag)), what);
  });
});
