import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { notFound } from '@launchlog/shared/error-code';
import type { NotificationService } from '@launchlog/server/notification/notification-service';
import { FuzzClient } from '../support/fuzz/fuzz-client.js';
import {
  FUZZ_IN_FLIGHT,
  FUZZ_TIMEOUT_MS,
  inFlight,
  inUrl,
  mutated,
  nested,
} from '../support/fuzz/fuzz-run.js';
import { ProbedSocket } from '../support/fuzz/probed-socket.js';
import { ADMIN_TOKEN, ServerEdge } from '../support/server/server-edge.js';

const missing = () => Promise.reject(notFound('notification rule', 'fuzz'));
const notifications = {
  listRules: () => Promise.resolve([]),
  listDeliveries: () => Promise.resolve({ deliveries: [] }),
  getRule: missing,
  removeRule: missing,
} as unknown as NotificationService;

const NODE_ID = '550e8400-e29b-41d4-a716-446655440000';
const METHODS = ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH', 'PUT', 'CONNECT', 'POST'];
const JSON_BODY = { 'Content-Type': 'application/json' };

let edge: ServerEdge;
let client: FuzzClient;
let id: string;
beforeAll(async () => {
  edge = await ServerEdge.start({ messagesPerMinute: 1e9, notifications });
  client = new FuzzClient(edge.url, { 'X-Admin-Token': ADMIN_TOKEN });
  const { node, writer } = await edge.nodeWithLog(20);
  id = node.id;
  await writer.close();
});
afterAll(async () => {
  client.close();
  await edge.close();
});

const QUERIES = [
  'tail=10&since=2026-01-01T00:00:00Z&level=info,warn',
  'cursor=0123456789abcdef:5',
  'cursor=0000000000000000:0&limit=5',
  'q=text&regex=a.*b&phase=queued&source=vllm',
  'until=2026-01-01T00:00:00.123+05:30&tail=1',
  'follow=false&tail=10000&level=debug&level=error',
  'format=csv&gzip=true&tail=5',
  'status=active&provider=aws&deployment_id=a&limit=500',
  'tail=1&tail=2&follow=false&follow=true&cursor=0123456789abcdef:5&cursor=&format=csv&format=json',
];

test(
  'no query makes REST or an event stream fail, hang or answer 5xx',
  { timeout: FUZZ_TIMEOUT_MS },
  async () => {
    const paths = ['/logs?', '/logs/stream?follow=false&', '/logs/export?', '/status?', '?'];
    const query = fc.tuple(
      fc.constantFrom(...paths),
      mutated(QUERIES),
      mutated(['0123456789abcdef:3', '']),
      fc.constantFrom('GET', 'GET', 'GET', 'HEAD'),
    );
    await inFlight('queries', query, async ([path, text, cursor, method]) => {
      const headers: Record<string, string> = /^[\x21-\x7e]+$/.test(cursor)
        ? { 'Last-Event-ID': cursor }
        : {};
      expect(
        await client.problemOf({ method, path: `/admin/nodes/${id}${path}${inUrl(text)}`, headers }),
      ).toBeUndefined();
    });
  },
);

test(
  'no path and no method makes the server fail, hang or answer 5xx',
  { timeout: FUZZ_TIMEOUT_MS },
  async () => {
    const examples = [
      `/admin/nodes/${NODE_ID}/logs`,
      `/admin/nodes/${NODE_ID}/logs/stream/`,
      '/admin/deployments/a/logs/stream',
      '/admin/tokens/x',
      '/admin/audit/',
      '/trpc/nodes.get?input={}',
      '/trpc/nodes.get/',
      '/trpc/%ff',
      '/trpc',
      '/session',
      '/session/',
      '/admin/notifications/rules',
      '/assets/x.js',
      'http://localhost/admin/nodes',
      '*',
    ];
    const call = fc.tuple(mutated(examples), fc.constantFrom(...METHODS));
    await inFlight('paths', call, async ([text, method]) => {
      const path = inUrl(text);
      expect(
        await client.problemOf({ method, path: path.startsWith('/') ? path : `/${path}` }),
      ).toBeUndefined();
    });
  },
);

test('no header makes the server fail, hang or answer 5xx', { timeout: FUZZ_TIMEOUT_MS }, async () => {
  const names = [
    'Last-Event-ID',
    'Accept',
    'Accept-Encoding',
    'Content-Type',
    'Cookie',
    'Expect',
    'Idempotency-Key',
    'If-None-Match',
    'Origin',
    'Range',
    'X-Forwarded-For',
    'X-Odd',
  ];
  const paths = [
    '/',
    '/session',
    '/healthz',
    '/openapi.json',
    `/admin/nodes/${id}/logs?tail=2`,
    `/admin/nodes/${id}/logs/export?tail=2`,
    `/admin/nodes/${id}/logs/stream?follow=false`,
    '/admin/logs/stream',
    '/admin/logs/search?q=line',
    '/trpc/nodes.list',
  ];
  const value = fc.oneof(
    mutated([
      'text/csv;q=0.5, application/json;q=1e9, */*;q=',
      'gzip;q=0, br, *',
      'launchlog_session=eyJhIjoxfQ.AAAA; launchlog_session=x',
      '0123456789abcdef:3:done',
      'bytes=0-1, -5',
      '192.0.2.1, [2001:db8::1]:80, unknown',
      'http://localhost:8080',
    ]),
    /** Around the 16 KB that all headers of a request may have. */
    fc.integer({ min: 15_000, max: 17_500 }).map((length) => 'a,;='.repeat(length / 4)),
  );
  const call = fc.tuple(fc.constantFrom(...paths), fc.constantFrom(...names), value);
  await inFlight('headers', call, async ([path, name, text]) => {
    /** What a client that speaks HTTP at all can send. */
    const headers = { [name]: text.replaceAll(/[^\x20-\x7e\xa0-\xff]/g, '?').trim() };
    expect(await client.problemOf({ method: 'GET', path, headers })).toBeUndefined();
  });
});

test('no tRPC query over HTTP fails, hangs or is answered 5xx', { timeout: FUZZ_TIMEOUT_MS }, async () => {
  const node = JSON.stringify({ json: { id } });
  const calls = [
    `nodes.get?input=${node}`,
    `nodes.get,nodes.list?batch=1&input={"0":${node},"1":{"json":{"limit":1}}}`,
    `nodes.list,nodes.list,nodes.list?batch=1&input={"2":{"json":null,"meta":{"values":["undefined"]}}}`,
    'nodes.list?batch=1',
    'nodes.list?batch=2&input=[]',
    'nodes.list?batch=1&batch=1&input={}&input=[]',
    'logs.get?input={"json":{"nodeId":"x","tail":1e9},"meta":{"values":{"tail":["bigint"]}}}',
    'nodes.list?input={"json":{"limit":"NaN"},"meta":{"values":{"limit":["number"]},"v":1}}',
    'nodes.list?input={"json":{"a":1},"meta":{"values":{"a.b\\\\.c":[["custom","x"],["class","y"]]}}}',
    'nodes.logsStream?input={"json":{}}',
    `${'nodes.list,'.repeat(49)}nodes.list?batch=1&input={}`,
    '%ff?batch=1',
    'nodes.list%2cnodes.get?batch=1&input=%7b%7d',
  ];
  const deep = nested(1_500).map((json) => `nodes.list?input={"json":${json},"meta":{"values":${json}}}`);
  const call = fc.oneof({ weight: 20, arbitrary: mutated(calls) }, { weight: 1, arbitrary: deep });
  const method = fc.constantFrom('GET', 'GET', 'GET', 'HEAD');
  await inFlight('tRPC over HTTP', fc.tuple(call, method), async ([text, verb]) => {
    expect(await client.problemOf({ method: verb, path: `/trpc/${inUrl(text)}` })).toBeUndefined();
  });
});

test(
  'no message over a WebSocket makes the server fail or go without an answer',
  { timeout: FUZZ_TIMEOUT_MS },
  async () => {
    const messages = [
      `{"id":1,"method":"query","params":{"path":"nodes.get","input":{"json":{"id":"${id}"}}}}`,
      `{"id":2,"method":"subscription","params":{"path":"nodes.logsStream","input":{"json":{"nodeId":"${id}","follow":false}}}}`,
      `{"id":2,"method":"subscription","params":{"path":"nodes.logsStream","lastEventId":"0123456789abcdef:2","input":{"json":{"nodeId":"${id}"},"meta":{"values":{"nodeId":["set"]}}}}}`,
      '{"id":3,"method":"mutation","params":{"path":"nodes.cancel","input":{"json":{"id":"x"},"meta":{"values":{"id":["undefined"]}}}}}',
      '{"id":2,"method":"subscription.stop"}',
      '[{"id":4,"method":"query","params":{"path":"nodes.list"}},{"id":5,"method":"query","params":{"path":"x"}}]',
      '[[],null,1,"x",{},{"id":[]},{"id":1e999,"method":"query","params":null}]',
      '{"id":7,"method":"subscription","params":{"path":"nodes.watch","input":{"json":{}}}}',
      '{"id":"\\ud800","jsonrpc":"2.0","method":"query","params":{"path":"\\udc00"}}',
      '{"id":null,"method":"connectionParams","data":{"token":"x"}}',
      'PING',
    ];
    const deep = nested(50_000).map(
      (json) => `{"id":8,"method":"query","params":{"path":"nodes.list","input":${json}}}`,
    );
    const message = fc.oneof({ weight: 20, arbitrary: mutated(messages) }, { weight: 1, arbitrary: deep });
    const sockets = await Promise.all(
      Array.from({ length: FUZZ_IN_FLIGHT }, () => ProbedSocket.open(edge.url)),
    );
    await inFlight('messages', message, async (text, place) => {
      expect(await sockets[place]?.problemOf(text)).toBeUndefined();
    });
    for (const socket of sockets) socket.close();
  },
);

/** The last: what it launches would make every list of the others longer. */
test('no body makes a route fail, hang or answer 5xx', { timeout: FUZZ_TIMEOUT_MS }, async () => {
  const bodies = [
    '{"provider":"aws","region":"us-west-2","gpu":"A100","model":"gpt2","secrets":{"A":"b"},"gpu_count":2}',
    '{"name":"x","scopes":["read"],"expires_at":"2100-01-01T00:00:00Z"}',
    '{"token":7}',
    '{"json":{"id":"550e8400-e29b-41d4-a716-446655440000"},"meta":{"values":{"a":["undefined"]}}}',
    '{"0":{"json":{"id":"x"}},"1":null,"2":[],"-1":{"json":1},"__proto__":{"json":{}}}',
    '{"json":{"a":[1]},"meta":{"values":{"a":[["set"],["map"]],"a.0":["bigint"]},"referentialEqualities":{"a":["a.0"]},"v":1}}',
    '{"json":{"id":null},"meta":{"values":{"id":[["typed-array","Float64Array"]]}}}',
  ];
  const paths = [
    '/admin/nodes/launch',
    `/admin/nodes/${id}/retry`,
    '/admin/tokens',
    '/trpc/nodes.launch',
    '/trpc/nodes.cancel,nodes.retry?batch=1',
    '/trpc/nodes.cancel,nodes.retry,?batch=0',
  ];
  const body = fc.oneof({ weight: 20, arbitrary: mutated(bodies) }, { weight: 1, arbitrary: nested(50_000) });
  await inFlight('bodies', fc.tuple(fc.constantFrom(...paths), body), async ([path, text]) => {
    expect(await client.problemOf({ method: 'POST', path, headers: JSON_BODY, body: text })).toBeUndefined();
  });
});
