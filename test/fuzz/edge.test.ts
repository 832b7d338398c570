import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LaunchlogError } from '@launchlog/shared/error-code';
import type { NotificationService } from '@launchlog/server/notification/notification-service';
import { FUZZ_PARAMETERS, FUZZ_TIMEOUT_MS, mutated } from '../support/fuzz-run.js';
import { ADMIN_TOKEN, ServerEdge } from '../support/server-edge.js';
import { TestSocket } from '../support/test-socket.js';

const missing = () => Promise.reject(new LaunchlogError('not_found', 'notification rule not found'));
const notifications = {
  listRules: () => Promise.resolve([]),
  listDeliveries: () => Promise.resolve({ deliveries: [] }),
  getRule: missing,
  removeRule: missing,
} as unknown as NotificationService;

let edge: ServerEdge;
let id: string;
beforeAll(async () => {
  edge = await ServerEdge.start({ messagesPerMinute: 1e9, notifications });
  const { node, writer } = await edge.nodeWithLog(20);
  id = node.id;
  await writer.close();
});
afterAll(() => edge.close());

const QUERIES = [
  'tail=10&since=2026-01-01T00:00:00Z&level=info,warn',
  'cursor=0123456789abcdef:5',
  'cursor=0000000000000000:0&limit=5',
  'q=text&regex=a.*b&phase=queued&source=vllm',
  'until=2026-01-01T00:00:00.123+05:30&tail=1',
  'follow=false&tail=10000&level=debug&level=error',
  'format=csv&gzip=true&tail=5',
  'status=active&provider=aws&deployment_id=a&limit=500',
];

/** A request line holds no control characters; everything else that is no letter is escaped, sometimes twice or badly. */
const inUrl = (text: string): string =>
  text.replaceAll(/[^\x21-\x7e]|[#\\]/gu, (character) =>
    encodeURI(character.replaceAll(/\p{Surrogate}/gu, '\ufffd')),
  );

test(
  'no query makes REST or an event stream fail, hang or answer 5xx',
  { timeout: FUZZ_TIMEOUT_MS },
  async () => {
    const paths = ['/logs?', '/logs/stream?follow=false&', '/logs/export?', '/status?', '?'];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...paths),
        mutated(QUERIES),
        mutated(['0123456789abcdef:3', '']),
        async (path, query, cursor) => {
          const stop = new AbortController();
          const headers: Record<string, string> = /^[\x21-\x7e]+$/.test(cursor)
            ? { 'Last-Event-ID': cursor }
            : {};
          const url = `/admin/nodes/${id}${path}${inUrl(query)}`;
          const answer = await edge.fetch(url, {
            headers,
            signal: AbortSignal.any([stop.signal, AbortSignal.timeout(10_000)]),
          });
          expect(answer.status).toBeLessThan(500);
          const isStream = answer.headers.get('content-type') === 'text/event-stream';
          if (!isStream) await answer.arrayBuffer();
          stop.abort();
        },
      ),
      FUZZ_PARAMETERS,
    );
  },
);

test('no path makes the server fail, hang or answer 5xx', { timeout: FUZZ_TIMEOUT_MS }, async () => {
  const examples = [
    `/admin/nodes/${id}/logs`,
    '/admin/deployments/a/logs/stream',
    '/admin/tokens/x',
    '/trpc/nodes.get?input={}',
    '/session',
    '/admin/notifications/rules',
    '/assets/x.js',
  ];
  await fc.assert(
    fc.asyncProperty(
      mutated(examples),
      fc.constantFrom('GET', 'HEAD', 'DELETE', 'OPTIONS'),
      async (path, method) => {
        const url = new URL(`${edge.url}/`);
        const stop = new AbortController();
        const target = `${url.origin}${inUrl(path.startsWith('/') ? path : `/${path}`)}`;
        if (!URL.canParse(target) || new URL(target).origin !== url.origin) return;
        const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(10_000)]);
        const answer = await fetch(target, { method, headers: { 'X-Admin-Token': ADMIN_TOKEN }, signal });
        expect(answer.status).toBeLessThan(500);
        stop.abort();
      },
    ),
    FUZZ_PARAMETERS,
  );
});

test('no body makes a route fail, hang or answer 5xx', { timeout: FUZZ_TIMEOUT_MS }, async () => {
  const bodies = [
    '{"provider":"aws","region":"us-west-2","gpu":"A100","model":"gpt2","secrets":{"A":"b"},"gpu_count":2}',
    '{"name":"x","scopes":["read"],"expires_at":"2100-01-01T00:00:00Z"}',
    '{"token":"x"}',
    '{"json":{"id":"550e8400-e29b-41d4-a716-446655440000"},"meta":{"values":{"a":["undefined"]}}}',
  ];
  const paths = [
    '/admin/nodes/launch',
    `/admin/nodes/${id}/retry`,
    '/admin/tokens',
    '/trpc/nodes.launch',
    '/trpc/nodes.cancel,nodes.retry?batch=1',
  ];
  const headers = { 'Content-Type': 'application/json' };
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), mutated(bodies), async (path, body) => {
      const signal = AbortSignal.timeout(10_000);
      const answer = await edge.fetch(path, { method: 'POST', headers, body, signal });
      expect(answer.status).toBeLessThan(500);
      await answer.arrayBuffer();
    }),
    FUZZ_PARAMETERS,
  );
});

test(
  'no message over a WebSocket makes the server fail or go without an answer',
  { timeout: FUZZ_TIMEOUT_MS },
  async () => {
    const messages = [
      `{"id":1,"method":"query","params":{"path":"nodes.get","input":{"json":{"id":"${id}"}}}}`,
      `{"id":2,"method":"subscription","params":{"path":"nodes.logsStream","input":{"json":{"nodeId":"${id}","follow":false}}}}`,
      '{"id":3,"method":"mutation","params":{"path":"nodes.cancel","input":{"json":{"id":"x"},"meta":{"values":{"id":["undefined"]}}}}}',
      '{"id":2,"method":"subscription.stop"}',
      '[{"id":4,"method":"query","params":{"path":"nodes.list"}},{"id":5,"method":"query","params":{"path":"x"}}]',
      '{"id":null,"method":"connectionParams","data":{"token":"x"}}',
      'PING',
    ];
    let socket = await TestSocket.open(edge.url, { 'X-Admin-Token': ADMIN_TOKEN });
    let probes = 1_000_000;
    await fc.assert(
      fc.asyncProperty(mutated(messages), async (message) => {
        socket.send(message);
        probes += 1;
        /** Whatever it was: the next message is answered, or the socket was closed for a reason that is said. */
        socket.send({
          id: probes,
          method: 'query',
          params: { path: 'nodes.list', input: { json: { limit: 1 } } },
        });
        const end = await Promise.race([socket.answerTo(probes).then(() => 0), socket.closed]);
        expect([0, 1000, 1003, 1008, 1009, 4401]).toContain(end);
        expect(socket.messages.join('')).not.toContain('internal error');
        socket.messages.length = 0;
        if (end === 0) return;
        socket = await TestSocket.open(edge.url, { 'X-Admin-Token': ADMIN_TOKEN });
      }),
      FUZZ_PARAMETERS,
    );
    socket.close();
  },
);
