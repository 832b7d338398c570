import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stockBatchStreamClient } from '../../support/client/server-trpc-client.js';
import { NginxServer } from '../../support/network/nginx-server.js';
import { ADMIN_TOKEN, ServerEdge } from '../../support/server/server-edge.js';

const run = promisify(execFile);
const LAUNCH = JSON.stringify({ provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'gpt2' });
const H2C = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n';
let edge: ServerEdge;
let nginx: NginxServer;

beforeAll(async () => {
  edge = await ServerEdge.start();
  nginx = await NginxServer.start({ upstreams: [new URL(edge.url).host] });
});
afterAll(async () => {
  await nginx.stop();
  await edge.close();
});

/** Sends each part when the answer to the one before has come, on one connection. */
async function talk(...parts: readonly string[]): Promise<string[]> {
  const socket = connect(Number(new URL(edge.url).port), '127.0.0.1');
  try {
    const answers: string[] = [];
    for (const part of parts) {
      const answer = new Promise<string>((resolve) => {
        let text = '';
        const read = (data: Buffer): void => {
          text += data.toString('utf8');
          const [head = '', body = ''] = text.split('\r\n\r\n', 2);
          const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? Number.NaN);
          if (Buffer.byteLength(body) < length || Number.isNaN(length)) return;
          socket.off('data', read);
          resolve(text);
        };
        socket.on('data', read);
      });
      socket.write(part);
      answers.push(await answer);
    }
    return answers;
  } finally {
    socket.destroy();
  }
}

describe('a client that offers a protocol of which the server has none', () => {
  test.each(['the server', 'nginx'])('is answered by %s as if it had not (curl --http2)', async (peer) => {
    const url = peer === 'nginx' ? nginx.url : edge.url;
    const token = ['-H', `X-Admin-Token: ${ADMIN_TOKEN}`];
    const out = ['-sS', '--http2', '-w', '%{http_code} %{num_connects}\n', '-o', '/dev/null'];
    const calls = [
      [...out, ...token, '-d', LAUNCH, `${url}/admin/nodes/launch`],
      ['--next', ...out, ...token, `${url}/admin/nodes`],
      ['--next', ...out, `${url}/healthz`],
    ];
    const { stdout } = await run('curl', calls.flat());
    expect(stdout).toBe('202 1\n200 0\n200 0\n');
  });

  test('has the body of its request read, and the next request on its connection answered', async () => {
    const post = `POST /admin/nodes/launch HTTP/1.1\r\nHost: x\r\nX-Admin-Token: ${ADMIN_TOKEN}\r\n${H2C}`;
    const answers = await talk(
      `${post}Content-Length: ${LAUNCH.length}\r\n\r\n${LAUNCH}`,
      `${post}Transfer-Encoding: chunked\r\n\r\n${LAUNCH.length.toString(16)}\r\n${LAUNCH}\r\n0\r\n\r\n`,
      `GET /healthz HTTP/1.1\r\nHost: x\r\n${H2C}\r\n`,
      'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n',
    );
    expect(answers.map((answer) => answer.slice(9, 12))).toEqual(['202', '202', '200', '200']);
  });

  test.each([
    ['a WebSocket where there is none', 'GET /healthz', 'websocket', 200],
    ['a WebSocket by POST', 'POST /trpc/none', 'websocket', 401],
    ['TLS', 'GET /healthz', 'TLS/1.0', 200],
    ['several protocols', 'GET /trpc/none', 'h2c, websocket', 401],
  ])('may offer %s', async (_, request, protocol, status) => {
    const upgrade = `Connection: Upgrade\r\nUpgrade: ${protocol}\r\n`;
    const [answer = ''] = await talk(`${request} HTTP/1.1\r\nHost: x\r\n${upgrade}\r\n`);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });
});

describe('the stock httpBatchStreamLink', () => {
  test.each(['the server', 'nginx'])(
    'calls %s, several calls at once, each with its own answer',
    async (peer) => {
      const trpc = stockBatchStreamClient(peer === 'nginx' ? nginx.url : edge.url);
      const node = edge.launches.add();
      const [listed, found, missing] = await Promise.allSettled([
        trpc.nodes.list.query({ limit: 1 }),
        trpc.nodes.get.query({ id: node.id }),
        trpc.nodes.get.query({ id: 'none' }),
      ]);
      expect(listed).toMatchObject({ value: { nodes: [{}] } });
      expect(found).toMatchObject({ value: { id: node.id } });
      expect(missing).toMatchObject({ reason: { data: { code: 'node_not_found' } } });
      expect(await trpc.nodes.cancel.mutate({ id: node.id })).toMatchObject({ id: node.id });
    },
  );

  test('is answered without a length and with nothing that belongs to another connection', async () => {
    const input = encodeURIComponent(JSON.stringify({ 0: { json: {} } }));
    const response = await edge.fetch(`/trpc/nodes.list?batch=1&input=${input}`, {
      headers: { 'trpc-accept': 'application/jsonl' },
    });
    expect(response.headers.get('content-length')).toBeNull();
    expect(response.headers.get('transfer-encoding')).toBe('chunked');
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.text()).toContain('"nodes"');
  });
});
