import { once } from 'node:events';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN_TOKEN, ServerEdge } from '../../support/server/server-edge.js';
import { eventually } from '../../support/within.js';

const NAMED = 'https://console.example.org';
let edge: ServerEdge;
let folder: string;
let storeAnswers = true;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'launchlog-console-'));
  await mkdir(join(folder, 'dist', 'assets'), { recursive: true });
  await writeFile(join(folder, 'dist', 'index.html'), '<!doctype html><title>console</title>');
  await writeFile(join(folder, 'dist', 'assets', 'app-1a2b.js'), 'export {}');
  await writeFile(join(folder, 'secret.txt'), 'not for the web');
  edge = await ServerEdge.start({
    consoleDir: join(folder, 'dist'),
    allowedOrigins: [NAMED],
    readiness: {
      log_store: () =>
        storeAnswers ? Promise.resolve() : Promise.reject(new Error('redis://secret-host is away')),
      database: () => (storeAnswers ? Promise.resolve() : new Promise(() => undefined)),
    },
  });
});
afterAll(async () => {
  await edge.close();
  await rm(folder, { recursive: true, force: true });
});

/** Sends bytes as they are, which fetch would tidy up, and answers what comes back within the time. */
function raw(text: string, waitMs = 300): Promise<string> {
  return new Promise((resolve) => {
    const { port } = new URL(edge.url);
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.setEncoding('utf8').on('data', (data: string) => (answer += data));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
    setTimeout(() => socket.destroy(), waitMs);
  });
}

describe('every answer', () => {
  test.each(['/healthz', '/admin/nodes', '/nothing', '/', '/trpc/nodes.list'])(
    'of %s is hardened',
    async (path) => {
      const { headers } = await fetch(edge.url + path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
      expect(headers.get('server')).toBeNull();
      expect(headers.get('x-powered-by')).toBeNull();
    },
  );

  test('may be read by pages of an origin the operator names and of no other', async () => {
    for (const [origin, allowed] of [
      [NAMED, NAMED],
      ['https://evil.example', null],
    ] as const) {
      const preflight = await fetch(`${edge.url}/admin/nodes`, {
        method: 'OPTIONS',
        headers: {
          origin,
          'Access-Control-Request-Method': 'GET',
          'Access-Control-Request-Headers': 'x-admin-token',
        },
      });
      expect(preflight.status).toBe(204);
      expect(preflight.headers.get('access-control-allow-origin')).toBe(allowed);
      const answer = await edge.fetch('/admin/nodes', { headers: { origin } });
      expect(answer.headers.get('access-control-allow-origin')).toBe(allowed);
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    }
  });

  test('HEAD responds like GET, without the body', async () => {
    for (const path of ['/healthz', '/openapi.json', '/', '/admin/nodes']) {
      const response = await edge.fetch(path, { method: 'HEAD' });
      expect(response.status).toBe(200);
      expect(await response.text()).toBe('');
    }
  });
});

describe('probes', () => {
  test('readiness answers 503 with the checks that failed, and does not reveal why', async () => {
    const ready = await fetch(`${edge.url}/readyz`);
    expect(await ready.json()).toEqual({ status: 'ready', checks: { log_store: 'ok', database: 'ok' } });
    storeAnswers = false;
    /** The answer before is kept for a second. */
    const text = await eventually('readiness without stores', async () => {
      const response = await fetch(`${edge.url}/readyz`);
      return response.status === 503 && response.text();
    });
    storeAnswers = true;
    expect(JSON.parse(text)).toEqual({
      status: 'not ready',
      checks: { log_store: 'failed', database: 'failed' },
    });
    expect(text).not.toContain('secret-host');
  });
});

test('the doctor takes no parameter, and names one that it is given', async () => {
  const answer = await edge.fetch('/admin/doctor?verbose=1');
  expect([answer.status, (await answer.text()).includes("'verbose' is no parameter")]).toEqual([400, true]);
});

test('a server drains from the moment in which it is closed', async () => {
  const other = await ServerEdge.start();
  expect(other.server.isDraining).toBe(false);
  const closed = other.close();
  await expect.poll(() => other.server.isDraining).toBe(true);
  await closed;
});

describe('the console', () => {
  test('is served with a policy that allows no inline script', async () => {
    const response = await fetch(`${edge.url}/`);
    expect(await response.text()).toContain('<title>console</title>');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect(response.headers.get('cache-control')).toBe('no-cache');
  });

  test.each([
    [
      'console.example.org:8443',
      "connect-src 'self' ws://console.example.org:8443 wss://console.example.org:8443",
    ],
    ['[::1]:8080', "connect-src 'self' ws://[::1]:8080 wss://[::1]:8080"],
    ["x; script-src 'unsafe-inline'", "connect-src 'self'"],
    ['*', "connect-src 'self'"],
  ])('at the host %j may connect to that host alone', async (host, connections) => {
    const { hostname, port } = new URL(edge.url);
    const asked = request({ hostname, port, path: '/', headers: { host } }).end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    response.resume();
    const policy = String(response.headers['content-security-policy']);
    expect(policy.split('; ').filter((part) => part.startsWith('connect-src'))).toEqual([connections]);
    expect(policy).not.toContain('unsafe');
  });

  test('lets browsers cache its hashed files for ever, and revalidate its pages', async () => {
    const script = await fetch(`${edge.url}/assets/app-1a2b.js`);
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(script.headers.get('cache-control')).toContain('immutable');
    const etag = (await fetch(`${edge.url}/`)).headers.get('etag') ?? '';
    expect((await fetch(`${edge.url}/`, { headers: { 'If-None-Match': etag } })).status).toBe(304);
  });

  test('serves its index for the paths of its pages, and answers 404 for any other missing file', async () => {
    const page = await fetch(`${edge.url}/nodes/abc`, { headers: { Accept: 'text/html' } });
    expect(page.status).toBe(200);
    expect((await fetch(`${edge.url}/assets/none.js`, { headers: { Accept: 'text/html' } })).status).toBe(
      404,
    );
    expect((await fetch(`${edge.url}/nodes/abc`, { headers: { Accept: 'application/json' } })).status).toBe(
      404,
    );
  });

  test.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/..\\secret.txt',
    '/a%00b',
    '//etc/passwd',
  ])('does not leave its folder for %s', async (path) => {
    const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 (400|404) /);
    expect(answer).not.toContain('not for the web');
  });

  test('shows how to build it if it has not been built', async () => {
    const bare = await ServerEdge.start();
    const response = await fetch(`${bare.url}/`);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('npm run build');
    await bare.close();
  });
});

describe('odd clients', () => {
  test('an absolute request line is served', async () => {
    const answer = await raw(`GET ${edge.url}/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('an HTTP/1.0 client, such as some proxies, reads a stream without chunks', async () => {
    const node = edge.launches.add();
    const path = `/admin/nodes/${node.id}/logs/stream`;
    const answer = await raw(`GET ${path} HTTP/1.0\r\nX-Admin-Token: ${ADMIN_TOKEN}\r\n\r\n`, 500);
    expect(answer).toContain('event: status\ndata: {');
    expect(answer.toLowerCase()).not.toContain('transfer-encoding');
  });

  test.each([
    ['garbage', 'nonsense\r\n\r\n', 400],
    ['no Host', 'GET /healthz HTTP/1.1\r\n\r\n', 400],
    ['headers of 40 KB', `GET / HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx', 400],
  ])('%s is refused', async (_, text, status) => {
    expect(await raw(text)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect((await fetch(`${edge.url}/healthz`)).status).toBe(200);
  });
});
