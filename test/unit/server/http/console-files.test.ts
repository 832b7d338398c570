import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type {
  IncomingHttpHeaders,
  IncomingMessage,
  OutgoingHttpHeaders,
  Server,
  ServerResponse,
} from 'node:http';
import { tmpdir } from 'node:os';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConsoleFiles } from '@launchlog/server/http/console-files';

const PAGE = '<script src="./assets/app-1.js"></script>';
let folder: string;
let server: Server;
let files: ConsoleFiles;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'launchlog-console-'));
  await mkdir(join(folder, 'built/assets'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await writeFile(join(folder, 'built-secret.txt'), 'secret');
  await writeFile(join(folder, 'built/index.html'), PAGE);
  await writeFile(join(folder, 'built/favicon.svg'), '<svg/>');
  await writeFile(join(folder, 'built/data.bin'), 'x');
  await writeFile(join(folder, 'built/assets/app-1.js'), '1');
  files = new ConsoleFiles(join(folder, 'built'), '/launchlog');
  server = createServer((incoming, response) => {
    void files.serve(incoming, response).then((isServed) => {
      if (!isServed) response.writeHead(404).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The path goes as it is: fetch would clean it. */
function ask(path: string, headers: OutgoingHttpHeaders = {}, method = 'GET'): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      text(response).then(
        (body) => resolve({ status: response.statusCode, headers: response.headers, body }),
        reject,
      );
    });
    asked.on('error', reject).end();
  });
}

test('files are served with their types, and only those named after their content are kept by caches', async () => {
  expect(await ask('/favicon.svg?x=1')).toMatchObject({
    status: 200,
    body: '<svg/>',
    headers: { 'content-type': 'image/svg+xml', 'cache-control': 'no-cache', 'content-length': '6' },
  });
  expect(await ask('/assets/app-1.js')).toMatchObject({
    headers: {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': expect.stringContaining('immutable') as string,
    },
  });
  expect((await ask('/data.bin')).headers['content-type']).toBe('application/octet-stream');
});

test('a client that has a file gets no second copy, and one that asks for its head gets the head alone', async () => {
  const { headers } = await ask('/favicon.svg');
  const again = await ask('/favicon.svg', { 'If-None-Match': headers.etag });
  expect(again).toMatchObject({ status: 304, body: '' });
  expect(await ask('/favicon.svg', { 'If-None-Match': '"other"' })).toMatchObject({ status: 200 });
  expect(await ask('/favicon.svg', {}, 'HEAD')).toMatchObject({ status: 200, body: '' });
  const page = await ask('/');
  expect(await ask('/', { 'If-None-Match': page.headers.etag })).toMatchObject({ status: 304, body: '' });
  expect(await ask('/', {}, 'HEAD')).toMatchObject({ body: '' });
});

test.each([
  ['/', {}],
  ['/index.html', {}],
  ['/nodes/1', { Accept: 'text/html,*/*' }],
  ['/assets', { Accept: 'text/html' }],
])('%s is a page, whose addresses begin with the path in front', async (path, headers) => {
  expect(await ask(path, headers)).toMatchObject({
    status: 200,
    body: PAGE.replace('./', '/launchlog/'),
    headers: { 'content-type': 'text/html; charset=utf-8' },
  });
});

test.each([
  ['/nodes/1', {}],
  ['/nodes/1', { Accept: 'application/json' }],
  ['/missing.js', { Accept: 'text/html' }],
  ['/assets', {}],
  ['/../secret.txt', {}],
  ['/..%2fsecret.txt', {}],
  ['/%2e%2e/secret.txt', {}],
  ['/../built-secret.txt', {}],
  ['/assets/..%2f..%2fsecret.txt', {}],
  ['/..%5csecret.txt', { Accept: 'text/html' }],
  ['/a%5cb', { Accept: 'text/html' }],
  ['/favicon.svg%00', { Accept: 'text/html' }],
  ['/a%00b', { Accept: 'text/html' }],
  ['/%', { Accept: 'text/html' }],
])('%s with %j is not the console', async (path, headers) => {
  expect(await ask(path, headers)).toMatchObject({ status: 404, body: '' });
});

test('only reading is the console', async () => {
  for (const method of ['POST', 'DELETE', 'OPTIONS']) {
    expect((await ask('/', {}, method)).status).toBe(404);
  }
});

test.each([
  ['console.example.org:8080', true],
  ['[2001:db8::1]:443', true],
  ["x; script-src 'unsafe-inline'", false],
  ['a b', false],
  ['x/y', false],
])('the policy names the host %j of the WebSocket: %s', async (host, isNamed) => {
  const policy = (await ask('/', { Host: host })).headers['content-security-policy'];
  expect(policy).toMatch(isNamed ? `connect-src 'self' ws://${host} wss://${host}` : /; connect-src 'self'$/);
  expect(policy).toMatch(/^default-src 'none'; script-src 'self'; /);
});

/** Node drops what follows the end of an answer, and the body of an answer to HEAD: the calls show it. */
async function callsOf(served: ConsoleFiles, method: string, headers: Record<string, string> = {}) {
  const calls: unknown[] = [];
  const response = {
    writeHead(status: number, sent: Record<string, string>) {
      calls.push(status, sent['ETag']);
      return response;
    },
    end: (body?: string) => void calls.push(body?.length),
  };
  const incoming = { method, url: '/', headers } as IncomingMessage;
  await served.serve(incoming, response as unknown as ServerResponse);
  return calls;
}

test('an answer without a body is ended once, without one', async () => {
  const [status, etag, length] = await callsOf(files, 'GET');
  expect([status, length]).toEqual([200, PAGE.length + '/launchlog/'.length - './'.length]);
  expect(await callsOf(files, 'HEAD')).toEqual([200, etag, undefined]);
  expect(await callsOf(files, 'GET', { 'if-none-match': String(etag) })).toEqual([304, etag, undefined]);
  expect(await callsOf(new ConsoleFiles(join(folder, 'none'), ''), 'HEAD')).toEqual([
    200,
    undefined,
    undefined,
  ]);
});

test('a console that was not built is explained', async () => {
  const built = files;
  files = new ConsoleFiles(join(folder, 'none'), '');
  const [page, head, other] = await Promise.all([
    ask('/', { Accept: 'text/html' }),
    ask('/', {}, 'HEAD'),
    ask('/x.js'),
  ]);
  files = built;
  expect(page).toMatchObject({ status: 200, body: expect.stringContaining('has not been built') as string });
  expect(head).toMatchObject({ status: 200, body: '' });
  expect(other.status).toBe(404);
});

test('a file that cannot be read is a failure, and one whose reader has left is none', async () => {
  const unreadable = new ConsoleFiles('/proc/self', '');
  const incoming = { method: 'GET', url: '/mem', headers: {} } as IncomingMessage;
  const serve = (response: Writable) =>
    unreadable.serve(incoming, Object.assign(response, { writeHead: () => undefined }) as never);
  // A pipeline that fails destroys the response too: only one that stays open reports it.
  const open = Object.defineProperty(new PassThrough(), 'destroyed', { get: () => false });
  await expect(serve(open as Writable)).rejects.toMatchObject({ code: 'EIO' });
  expect(await serve(new PassThrough())).toBe(true);
});
