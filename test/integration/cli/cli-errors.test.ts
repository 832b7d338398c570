import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Certificate } from '../../support/network/certificate.js';
import { runCli } from '../../support/process/cli-run.js';
import { ADMIN_TOKEN, ServerEdge } from '../../support/server/server-edge.js';

/** What a library, and not we, would say. */
const RAW =
  /E(?:CONN|NO|ACCES|PIPE|PROTO|ISDIR|ROFS|ADDR)|fetch failed|socket hang up|undefined|\[object|[Zz]od|JSON|HPE_|UND_ERR|SSL|self[- ]signed|node:|at .*:\d+:\d+/;

let home: string;
let edge: ServerEdge;
const opened: { close(): unknown }[] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'launchlog-errors-'));
  edge = await ServerEdge.start();
  edge.launches.add({ id: '550e8400-e29b-41d4-a716-446655440000' });
});
afterAll(async () => {
  for (const each of opened) each.close();
  await edge.close();
  await rm(home, { recursive: true, force: true });
});

async function at(server: Pick<Server, 'listen' | 'address' | 'close'>, scheme = 'http'): Promise<string> {
  opened.push(server);
  server.listen(0, '127.0.0.1');
  await once(server as Server, 'listening');
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const answering = (listener: RequestListener) => at(createServer(listener));
const html = (status: number, headers: Record<string, string> = {}) =>
  answering((_, response) => {
    response.writeHead(status, { 'Content-Type': 'text/html', ...headers }).end('<h1>gateway</h1>');
  });
const json = (status: number, body: object, headers: Record<string, string> = {}) =>
  answering((_, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
  });
const shape = (code: string, httpStatus: number, more: object = {}, message = 'it did not work') => ({
  error: { json: { message, code: -32000, data: { code, httpStatus, ...more } } },
});

async function closedPort(): Promise<string> {
  const server = createServer();
  const url = await at(server);
  server.close();
  await once(server, 'close');
  return url;
}

interface Situation {
  readonly name: string;
  readonly url: () => Promise<string>;
  readonly args?: readonly string[];
  readonly environment?: () => Promise<Record<string, string>>;
  readonly says: RegExp;
  readonly exitCode: number;
  /** Default: 1. */
  readonly lines?: number;
}

const SITUATIONS: readonly Situation[] = [
  {
    name: 'nothing listens',
    url: closedPort,
    says: /nothing listens at 127\.0\.0\.1:\d+: start/,
    exitCode: 3,
  },
  {
    name: 'the host has no address',
    url: () => Promise.resolve('http://launchlog.invalid:8080'),
    says: /no host named launchlog\.invalid|name launchlog\.invalid cannot be looked up/,
    exitCode: 3,
  },
  {
    name: 'the certificate is not trusted',
    url: () => at(createTlsServer(new Certificate({ folder: home, names: ['IP:127.0.0.1'] }).pair), 'https'),
    says: /certificate is not trusted: name its authority with NODE_EXTRA_CA_CERTS/,
    exitCode: 3,
  },
  {
    name: 'the server speaks no TLS',
    url: async () => (await html(200)).replace('http:', 'https:'),
    says: /does not speak TLS there: try http:\/\//,
    exitCode: 3,
  },
  {
    name: 'what answers speaks no HTTP',
    url: () => at(createTcpServer((socket) => socket.end('SSH-2.0-OpenSSH_9\r\n')) as never),
    says: /does not speak HTTP: check the address/,
    exitCode: 3,
  },
  {
    name: 'the connection is cut',
    url: () => at(createTcpServer((socket) => socket.destroy()) as never),
    says: /the connection was closed by the other side/,
    exitCode: 3,
  },
  {
    name: 'the answer is cut off',
    url: () =>
      answering((_, response) => {
        response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"result":');
      }),
    says: /its answer was cut off: try again/,
    exitCode: 3,
  },
  {
    name: 'a page answers in place of the server',
    url: () => html(200),
    says: /HTTP 200, but not as a Launchlog server does: check the address/,
    exitCode: 2,
  },
  { name: 'a gateway answers 502', url: () => html(502), says: /HTTP 502.*gateway in front/, exitCode: 3 },
  { name: 'a gateway answers 413', url: () => html(413), says: /HTTP 413.*MAX_BODY_BYTES/, exitCode: 1 },
  {
    name: 'a gateway answers 429',
    url: () => html(429, { 'Retry-After': '30' }),
    says: /HTTP 429.*try again in 30 s/,
    exitCode: 1,
  },
  {
    name: 'the server limits calls',
    url: () => json(429, shape('rate_limited', 429, { retryAfter: 60 })),
    says: /it did not work: try again in 60 s/,
    exitCode: 1,
  },
  {
    name: 'the server fails',
    url: () => json(500, shape('internal_error', 500), { 'X-Request-Id': '9f86d081' }),
    says: /it did not work \(the server's log has more, under request 9f86d081\)/,
    exitCode: 1,
  },
  {
    name: 'the proxy wants a password',
    url: () => Promise.resolve('https://launchlog.test'),
    environment: async () => {
      const proxy = createServer();
      proxy.on('connect', (_, socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'));
      return { HTTPS_PROXY: await at(proxy) };
    },
    says: /the proxy answers 407: put its name and password into HTTPS_PROXY/,
    exitCode: 3,
  },
  {
    name: 'the token is unknown',
    url: () => Promise.resolve(edge.url),
    environment: () => Promise.resolve({ LAUNCHLOG_TOKEN: 'llt_unknown' }),
    says: /invalid admin token: run 'launchlog login' or set LAUNCHLOG_TOKEN/,
    exitCode: 3,
  },
  {
    name: 'a file has no folder',
    url: () => Promise.resolve(edge.url),
    args: ['export', '550e8400', '-o', '/nonexistent/x.csv'],
    says: /there is no folder for \/nonexistent\/x\.csv: make it, or name another file/,
    exitCode: 1,
  },
  {
    name: 'a task file does not exist',
    url: () => Promise.resolve(edge.url),
    args: ['launch', '--task-file', '/nonexistent.yaml'],
    says: /--task-file \/nonexistent\.yaml does not exist/,
    exitCode: 2,
  },
  {
    name: 'an option is misspelt',
    url: () => Promise.resolve(edge.url),
    args: ['list', '--stauts', 'active'],
    says: /^launchlog: unknown option '--stauts'\n\(Did you mean --status\?\)\nSee: launchlog list --help\n$/,
    exitCode: 2,
    lines: 3,
  },
  {
    name: 'a value is not among the choices',
    url: () => Promise.resolve(edge.url),
    args: ['wait', 'x', '--for', 'ready'],
    says: /^launchlog: --for must be one of active, ended, lost, not 'ready'\nSee: launchlog wait --help\n$/,
    exitCode: 2,
    lines: 2,
  },
  {
    name: 'a text to search for is no expression',
    url: () => Promise.resolve(edge.url),
    args: ['search', '(', '--regex'],
    says: /^launchlog: <text> must be an RE2 expression \(a '\(' is not closed\)\n$/,
    exitCode: 2,
  },
  {
    name: 'a text to exclude is no expression',
    url: () => Promise.resolve(edge.url),
    args: ['logs', '550e8400', '--exclude', '[a'],
    says: /^launchlog: --exclude must be a regular expression, not '\[a': a '\[' is not closed\n$/,
    exitCode: 2,
  },
  {
    name: 'the value of a filter is empty, as of a variable that is not set',
    url: () => Promise.resolve(edge.url),
    args: ['list', '--gpu='],
    says: /^launchlog: --gpu must not be empty: leave it out for all\n$/,
    exitCode: 2,
  },
  {
    name: 'a list of values is empty',
    url: () => Promise.resolve(edge.url),
    args: ['list', '--status', ''],
    says: /^launchlog: --status must not be empty: leave it out for all\n$/,
    exitCode: 2,
  },
  {
    name: 'a cursor is not of this list',
    url: () => Promise.resolve(edge.url),
    args: ['list', '--cursor', 'x'],
    says: /^launchlog: --cursor must be a cursor from an earlier answer\n$/,
    exitCode: 2,
  },
  {
    name: 'no node has the name',
    url: () => Promise.resolve(edge.url),
    args: ['get', 'nobody'],
    says: /^launchlog: node not found: nobody; 'launchlog list' shows all names\n$/,
    exitCode: 1,
  },
  {
    name: 'no delivery has the id',
    url: () => Promise.resolve(edge.url),
    args: ['notifications', 'resend', 'nope'],
    says: /^launchlog: notification delivery not found: nope; 'launchlog notifications deliveries' shows them all\n$/,
    exitCode: 1,
  },
  {
    name: 'the server is older than the call',
    url: () => json(404, shape('not_found', 404, {}, 'No procedure found on path "budgets.list"')),
    args: ['budgets'],
    says: /^launchlog: the server is of another release and has no such call: upgrade the older of the two\n$/,
    exitCode: 1,
  },
  {
    name: 'no token has the name',
    url: () => Promise.resolve(edge.url),
    args: ['tokens', 'revoke', 'nobody'],
    says: /^launchlog: there is no token 'nobody'; 'launchlog tokens list' shows them\n$/,
    exitCode: 2,
  },
  {
    name: 'the port is one that fetch refuses',
    url: () => Promise.resolve('http://127.0.0.1:1'),
    says: /no HTTP client connects to this port: check the address \(--url\)/,
    exitCode: 3,
  },
  {
    name: 'the address is not an address',
    url: () => Promise.resolve('gpu.example'),
    says: /url 'gpu\.example' is not an address such as http:\/\/127\.0\.0\.1:8080/,
    exitCode: 2,
  },
  {
    name: 'the saved servers cannot be read',
    url: () => Promise.resolve(edge.url),
    environment: async () => {
      const folder = join(home, 'broken');
      await mkdir(join(folder, 'launchlog'), { recursive: true });
      await writeFile(join(folder, 'launchlog/config.json'), '{"url":');
      return { XDG_CONFIG_HOME: folder };
    },
    says: /config\.json is not valid: run 'launchlog login' again/,
    exitCode: 2,
  },
];

describe('an error is one sentence of ours, with what to do, when', () => {
  test.concurrent.each(SITUATIONS)(
    '$name',
    async ({ url, args = ['list'], environment, says, exitCode, lines = 1 }) => {
      const base = { HOME: home, LAUNCHLOG_TOKEN: ADMIN_TOKEN, LAUNCHLOG_URL: await url() };
      const run = await runCli(args, { environment: { ...base, ...(await environment?.()) } });
      expect(run.stderr).toMatch(says);
      expect(run.stderr).not.toMatch(RAW);
      expect(run.stderr.trim().split('\n')).toHaveLength(lines);
      expect(run).toMatchObject({ exitCode, stdout: '' });
    },
  );
});
