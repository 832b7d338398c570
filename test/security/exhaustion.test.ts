import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN_TOKEN, ServerEdge } from '../support/server/server-edge.js';
import { TestSocket } from '../support/client/test-socket.js';
import { readSourceTexts } from '../support/source/source-tree.js';
import { eventually, within } from '../support/within.js';
import { writeLine } from '../support/log/write-line.js';

let edge: ServerEdge;
beforeAll(async () => void (edge = await ServerEdge.start({ bodyMaxBytes: 64 * 1024 })));
afterAll(() => edge.close());

/** What the server answers to these bytes, and after how long it hangs up. */
function speak(text: string): Promise<{ readonly answer: string; readonly ms: number }> {
  const { hostname, port } = new URL(edge.url);
  const began = performance.now();
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve({ answer, ms: performance.now() - began }));
  });
}

describe('oversized', () => {
  test('headers are answered 431 before anything is parsed', async () => {
    const { answer } = await speak(
      `GET /healthz HTTP/1.1\r\nHost: x\r\nX-Big: ${'x'.repeat(64 * 1024)}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  });

  test.each(['/admin/nodes/launch', '/admin/tokens', '/session', '/trpc/nodes.launch'])(
    'bodies to %s are answered 413',
    async (path) => {
      const headers = { 'Content-Type': 'application/json' };
      const answer = await edge.fetch(path, {
        method: 'POST',
        headers,
        body: `{"a":"${'x'.repeat(300 * 1024)}"}`,
      });
      expect(answer.status).toBe(413);
    },
  );

  test('queries are answered 400 or 431, field by field', async () => {
    const node = edge.launches.add();
    for (const query of [
      `q=${'x'.repeat(1_001)}`,
      `regex=${'x'.repeat(501)}`,
      'tail=10001',
      'limit=99999999999',
      'tail=1e9',
      `cursor=${'x'.repeat(5_000)}`,
    ]) {
      const answer = await edge.fetch(`/admin/nodes/${node.id}/logs?${query}`);
      expect(answer.status, query.slice(0, 20)).toBe(400);
    }
    const answer = await edge.fetch(`/admin/nodes?q=${'x'.repeat(12_000)}`);
    expect([400, 431]).toContain(answer.status);
  });

  test('a message over a WebSocket closes it, and a batch beyond fifty calls is refused', async () => {
    const socket = await TestSocket.open(edge.url, { 'X-Admin-Token': ADMIN_TOKEN });
    socket.send('x'.repeat(300 * 1024));
    expect(await socket.closed).toBe(1009);
    const names = Array.from({ length: 51 }, () => 'nodes.list').join(',');
    expect((await edge.fetch(`/trpc/${names}?batch=1`)).status).toBe(400);
  });

  test('a WebSocket is not offered compression, which would let a small message become a large one', async () => {
    const key = 'dGhlIHNhbXBsZSBub25jZQ==';
    const { hostname, port } = new URL(edge.url);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), hostname, () =>
        socket.write(
          `GET /trpc HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
            `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Extensions: permessage-deflate\r\nX-Admin-Token: ${ADMIN_TOKEN}\r\n\r\n`,
        ),
      );
      socket.setEncoding('latin1').once('data', (chunk: string) => {
        resolve(chunk);
        socket.destroy();
      });
    });
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    expect(answer.toLowerCase()).not.toContain('permessage-deflate');
  });
});

describe('a slow client', () => {
  test(
    'that never ends its headers is cut off; one that never ends its body too',
    { timeout: 90_000 },
    async () => {
      const { answer, ms } = await speak('GET /healthz HTTP/1.1\r\nHost: x\r\n');
      expect(answer).toMatch(/^HTTP\/1\.1 408 /);
      /** 20 s, and node:http looks every 30 s: the test's time ends the wait for one that is not cut off. */
      expect(ms).toBeGreaterThan(15_000);
      const source = readSourceTexts().find(({ path }) => path === 'server/src/http/http-server.ts');
      expect(source?.text).toMatch(/headersTimeout: HEADERS_WITHIN_MS,\s+requestTimeout: REQUEST_WITHIN_MS/);
    },
  );
});

describe('one address', () => {
  test('gets a limited number of connections, probes included, and room again when they close', async () => {
    const small = await ServerEdge.start({ addressConnectionsMax: 10 });
    const { hostname, port } = new URL(small.url);
    const isOpen = () =>
      new Promise<boolean>((resolve) => {
        const socket = connect(Number(port), hostname, () =>
          socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'),
        );
        socket.on('error', () => resolve(false));
        socket.on('close', () => resolve(false));
        socket.on('data', () => resolve(true));
        sockets.push(socket);
      });
    const sockets: Socket[] = [];
    const opened = [];
    for (let count = 0; count < 12; count += 1) opened.push(await isOpen());
    expect(opened).toEqual([...Array(10).fill(true), false, false]);
    for (const socket of sockets) socket.destroy();
    await eventually('there is no room again', isOpen);
    for (const socket of sockets) socket.destroy();
    await small.close();
  });

  test('that asks for readiness over and over does not ask the stores as often', async () => {
    let asked = 0;
    const readiness = { store: () => Promise.resolve(void (asked += 1)) };
    const small = await ServerEdge.start({ readiness });
    const answers = await Promise.all(Array.from({ length: 50 }, () => fetch(`${small.url}/readyz`)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(asked).toBeLessThan(25);
    await small.close();
  });
});

describe('an expression of a user', () => {
  test.each(['(a+)+$', '(a|aa)+$', '(.*)*x', '^(([a-z])+.)+[A-Z]([a-z])+$', '(a*)*b', '(?:a{1,30}){1,30}$'])(
    '%s is answered, and holds nobody up',
    async (regex) => {
      const { node, writer } = await edge.nodeWithLog(0);
      for (let number = 0; number < 50; number += 1) {
        writeLine(writer, 'a'.repeat(8_000) + '!', { phase: 'installing', source: 'instance' });
      }
      await writer.flush();
      const asked = edge.fetch(`/admin/nodes/${node.id}/logs?regex=${encodeURIComponent(regex)}`);
      const answer = await within('the answer', asked, 30_000);
      expect([200, 400]).toContain(answer.status);
      expect((await fetch(`${edge.url}/healthz`)).status).toBe(200);
    },
  );

  test('is compiled by RE2 alone: no source file builds a RegExp from input', () => {
    const builds = readSourceTexts().filter(
      ({ path, text }) => path.startsWith('server/src/') && /new RegExp\(/.test(text),
    );
    expect(builds.map(({ path }) => path).filter((path) => !ALLOWED.has(path))).toEqual([]);
  });
});

/** Built from constants or from escaped text. */
const ALLOWED = new Set([
  'server/src/log/entry/entry-heading.ts',
  'server/src/redaction/announced-secrets.ts',
  'server/src/redaction/secret-formats.ts',
  'server/src/redaction/secret-tokens.ts',
  'server/src/redaction/vendor-tokens.ts',
  'server/src/redis/redis-health.ts',
]);
