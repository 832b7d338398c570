import { afterEach, describe, expect, test } from 'vitest';
import { createLaunchlogClient } from '@launchlog/sdk';
import type { LaunchlogClient } from '@launchlog/sdk';
import { ScriptedHttpServer } from '../../support/network/scripted-http-server.js';
import type { HttpAnswer } from '../../support/network/scripted-http-server.js';
import { sampleNode } from '../../support/sample/sample-node.js';

const REQUEST = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'my/model' } as const;
const NODE = sampleNode();

let server: ScriptedHttpServer;
let client: LaunchlogClient;

async function start(...answers: HttpAnswer[]): Promise<void> {
  server = await ScriptedHttpServer.start(...answers);
  client = createLaunchlogClient({ url: server.url, token: 'secret', timeoutMs: 5_000 });
}

afterEach(async () => {
  await client.close();
  await server.close();
});

const ok =
  (data: unknown): HttpAnswer =>
  (_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ result: { data: { json: data } } }));
  };

const refuse =
  (status: number, data: object): HttpAnswer =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({
        error: { json: { code: -32000, message: 'no', data: { httpStatus: status, ...data } } },
      }),
    );
  };

const hangUp: HttpAnswer = (request) => request.socket.destroy();
const silence: HttpAnswer = () => undefined;
const file =
  (type: string, ...pieces: string[]): HttpAnswer =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': type });
    for (const piece of pieces) response.write(piece);
    response.end();
  };

async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

describe('a call', () => {
  test('carries the token as a header and never in the address', async () => {
    await start(ok(NODE));
    expect(await client.getNode(NODE.id)).toEqual(NODE);
    expect(server.requests[0]?.headers['x-admin-token']).toBe('secret');
    expect(server.requests[0]?.url).not.toContain('secret');
  });

  test('is retried after a lost answer, a launch with the same idempotency key', async () => {
    await start(
      hangUp,
      refuse(503, { code: 'unavailable', retryable: true }),
      ok({ node: NODE, replayed: true }),
    );
    expect(await client.launch(REQUEST)).toEqual({ node: NODE, replayed: true });
    const keys = server.requests.map(
      ({ body }) => (JSON.parse(body) as { json: { idempotencyKey: string } }).json.idempotencyKey,
    );
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  });

  test('has a key of its own for each launch', async () => {
    await start(ok({ node: NODE, replayed: false }));
    await client.launch(REQUEST);
    await client.launch(REQUEST);
    const [one, other] = server.requests.map(({ body }) => body);
    expect(one).not.toBe(other);
  });

  test('is attempted as often as the call allows, or else the client', async () => {
    await start(hangUp);
    await expect(client.getNode(NODE.id, { maxRetries: 0 })).rejects.toMatchObject({ unreachable: true });
    expect(server.requests).toHaveLength(1);
    await expect(client.getNode(NODE.id, { maxRetries: 3 })).rejects.toMatchObject({ kind: 'connection' });
    expect(server.requests).toHaveLength(5);
  });

  test('is not retried if it was refused', async () => {
    await start(refuse(422, { code: 'idempotency_mismatch', retryable: false }));
    await expect(client.launch(REQUEST)).rejects.toMatchObject({ code: 'idempotency_mismatch', status: 422 });
    expect(server.requests).toHaveLength(1);
  });

  test('waits as long as the server asks, and leaves long waits to the caller', async () => {
    await start(refuse(429, { code: 'rate_limited', retryable: true, retryAfter: 1 }), ok(NODE));
    const startMs = performance.now();
    await client.getNode(NODE.id);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(990);
    await server.close();
    await start(refuse(429, { code: 'rate_limited', retryable: true, retryAfter: 60 }));
    await expect(client.getNode(NODE.id)).rejects.toMatchObject({
      code: 'rate_limited',
      retryAfterSeconds: 60,
    });
    expect(server.requests).toHaveLength(1);
  });

  test('to a server that never answers fails after the timeout', async () => {
    await start(silence);
    const startMs = performance.now();
    await expect(client.getNode(NODE.id, { timeoutMs: 300 })).rejects.toMatchObject({
      kind: 'timeout',
      unreachable: true,
    });
    // Without the limit of this call it would be that of the client, 30 s.
    expect(performance.now() - startMs).toBeLessThan(15_000);
  });

  test('to something other than a Launchlog server fails with that reason', async () => {
    await start(file('text/html', '<html>'));
    await expect(client.getNode(NODE.id)).rejects.toMatchObject({ name: 'LaunchlogApiError', status: 200 });
    expect(server.requests).toHaveLength(1);
  });

  test('is retried through a proxy whose server is briefly away', async () => {
    const badGateway: HttpAnswer = (_request, response) => {
      response.writeHead(502, { 'content-type': 'text/html' });
      response.end('<html>');
    };
    await start(badGateway, ok(NODE));
    expect(await client.getNode(NODE.id)).toEqual(NODE);
  });

  test('is refused after the client was closed', async () => {
    await start(ok(NODE));
    await client.close();
    await expect(client.getNode(NODE.id)).rejects.toThrow('the client was closed');
    expect(server.requests).toEqual([]);
  });
});

describe('an export', () => {
  test('requests the format and the filters in REST spelling, and yields chunks as they arrive', async () => {
    await start(file('text/csv; charset=utf-8', 'seq,message\n', '1,ä\n'));
    const text = await textOf(
      client.exportLog(NODE.id, { format: 'csv', level: ['warn', 'error'], tail: 50 }),
    );
    expect(text).toBe('seq,message\n1,ä\n');
    expect(server.requests[0]?.headers.accept).toBe('text/csv');
    expect(server.requests[0]?.url).toBe(
      `/admin/nodes/${NODE.id}/logs/export?level=warn%2Cerror&tail=50&format=csv`,
    );
  });

  test('joins a character that is split between two chunks', async () => {
    const [head, tail] = [Buffer.from('ä').subarray(0, 1), Buffer.from('ä').subarray(1)];
    await start((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.write(head);
      setTimeout(() => response.end(tail), 20);
    });
    expect(await textOf(client.exportLog(NODE.id, { format: 'text' }))).toBe('ä');
  });

  test('fails with the right code for an unsupported format and for an unknown node', async () => {
    await start(file('application/json', '{}'));
    await expect(textOf(client.exportLog(NODE.id, { format: 'ndjson' }))).rejects.toMatchObject({
      code: 'not_acceptable',
    });
    await server.close();
    await start((_request, response) => {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({
          error: { message: 'node not found: x', type: 'not_found_error', code: 'node_not_found' },
        }),
      );
    });
    await expect(textOf(client.exportLog('x', { format: 'text' }))).rejects.toMatchObject({
      code: 'node_not_found',
      status: 404,
    });
  });

  test('fails if the file is truncated, rather than yield a shorter file', async () => {
    await start((request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.write('half');
      setTimeout(() => request.socket.destroy(), 20);
    });
    await expect(textOf(client.exportLog(NODE.id, { format: 'text' }))).rejects.toMatchObject({
      unreachable: true,
    });
  });

  test('fails after the timeout if the server falls silent in the middle', async () => {
    await start((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.write('half');
    });
    await expect(textOf(client.exportLog(NODE.id, { timeoutMs: 300, format: 'text' }))).rejects.toThrow(
      'the server was silent for 300 ms',
    );
  });

  test('ends without an error when its signal aborts', async () => {
    await start((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.write('half');
    });
    const stop = new AbortController();
    let text = '';
    for await (const piece of client.exportLog(NODE.id, { format: 'text', signal: stop.signal })) {
      text += piece;
      stop.abort();
    }
    expect(text).toBe('half');
  });
});
