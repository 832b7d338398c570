import { afterEach, describe, expect, test } from 'vitest';
import {
  createLaunchlogClient,
  isLaunchlogError,
  LaunchlogClosedError,
  LaunchlogInvalidRequestError,
  LaunchlogServerError,
} from '@launchlog/sdk';
import type { LaunchlogClient, LaunchlogClientOptions, ReceivedResponse } from '@launchlog/sdk';
import { ScriptedHttpServer } from '../../support/network/scripted-http-server.js';
import type { HttpAnswer } from '../../support/network/scripted-http-server.js';
import { sampleNode } from '../../support/sample/sample-node.js';

const NODE = sampleNode();

let server: ScriptedHttpServer;
let client: LaunchlogClient;

async function start(
  answers: readonly HttpAnswer[],
  options: Partial<LaunchlogClientOptions> = {},
): Promise<void> {
  server = await ScriptedHttpServer.start(...answers);
  client = createLaunchlogClient({ url: server.url, token: 'secret', ...options });
}

afterEach(async () => {
  await client.close();
  await server.close();
});

const ok =
  (data: unknown): HttpAnswer =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'x-request-id': 'request-1' });
    response.end(JSON.stringify({ result: { data: { json: data } } }));
  };

const refuse =
  (status: number, data: object): HttpAnswer =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'request-2' });
    const shape = { code: -32000, message: 'no', data: { httpStatus: status, ...data } };
    response.end(JSON.stringify({ error: { json: shape } }));
  };

const hangUp: HttpAnswer = (request) => request.socket.destroy();
const silence: HttpAnswer = () => undefined;
const rejectionOf = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );
const inputs = () =>
  server.requests.map(({ url }) => {
    const input = new URL(url, 'http://x').searchParams.get('input');
    return input === null ? undefined : (JSON.parse(input) as { json: unknown }).json;
  });

describe('a call that its caller steers', () => {
  test('rejects with the reason of its signal as soon as that aborts, and is not tried again', async () => {
    await start([silence]);
    const stop = new AbortController();
    const reason = new Error('the user left');
    const call = rejectionOf(client.nodes.get(NODE.id, { signal: stop.signal }));
    await expect.poll(() => server.requests.length).toBe(1);
    stop.abort(reason);
    expect(await call).toBe(reason);
    expect(
      await rejectionOf(
        client.nodes.list({}, { signal: stop.signal }).catch((error: unknown) => {
          throw error;
        }),
      ),
    ).toBe(reason);
    expect(server.requests).toHaveLength(1);
  });

  test('takes no longer than its time limit, with all of its retries', async () => {
    await start([hangUp]);
    const startMs = performance.now();
    const error = await rejectionOf(client.nodes.get(NODE.id, { timeoutMs: 500, maxRetries: 1_000 }));
    expect(isLaunchlogError(error)).toBe(true);
    expect(performance.now() - startMs).toBeLessThan(15_000);
    expect(server.requests.length).toBeGreaterThan(2);
  });

  test('outlasts a server that is away for several attempts', async () => {
    await start([hangUp, hangUp, hangUp, hangUp, hangUp, ok(NODE)]);
    expect(await client.getNode(NODE.id)).toEqual(NODE);
  });

  test('carries the headers of the client and its own, and a token that is asked for each time', async () => {
    let asked = 0;
    const token = async () => `token-${(asked += 1)}`;
    await start([hangUp, ok(NODE)], { token, headers: () => ({ 'x-team': 'ml', 'x-trace': 'client' }) });
    await client.nodes.get(NODE.id, { headers: { 'x-trace': 'call' } });
    expect(server.requests.map(({ headers }) => headers['x-admin-token'])).toEqual(['token-1', 'token-2']);
    expect(server.requests[1]?.headers).toMatchObject({ 'x-team': 'ml', 'x-trace': 'call' });
  });

  test("throws the program's own error at once: of its token, of its headers, of its hooks", async () => {
    const own = new Error('no credentials in the vault');
    const fail = () => {
      throw own;
    };
    await start([ok(NODE)], { token: fail });
    expect(await rejectionOf(client.getNode(NODE.id))).toBe(own);
    for (const options of [{ headers: fail }, { onRequest: fail }, { onResponse: fail }]) {
      await using broken = createLaunchlogClient({ url: server.url, ...options });
      expect(await rejectionOf(broken.getNode(NODE.id))).toBe(own);
    }
    expect(await rejectionOf(client.getNode(NODE.id, { headers: { 'bad name': 'x' } }))).toBe(own);
    await using plain = createLaunchlogClient({ url: server.url });
    expect(await rejectionOf(plain.getNode(NODE.id, { headers: { 'bad name': 'x' } }))).toMatchObject({
      name: 'TypeError',
      message: "option 'headers': 'bad name' cannot be sent as a header",
    });
  });

  test('is aborted when the client is closed, and refused afterwards', async () => {
    await start([silence]);
    const call = rejectionOf(client.getNode(NODE.id));
    await expect.poll(() => server.requests.length).toBe(1);
    await client.close();
    expect(await call).toBeInstanceOf(LaunchlogClosedError);
    expect(await rejectionOf(client.getNode(NODE.id))).toMatchObject({ message: 'the client was closed' });
    const follow = client.followLog(NODE.id)[Symbol.asyncIterator]();
    expect(await rejectionOf(Promise.resolve(follow.next()))).toBeInstanceOf(LaunchlogClosedError);
  });

  test('ends with the block that owns the client', async () => {
    await start([ok(NODE)]);
    let disposed: LaunchlogClient;
    {
      await using own = createLaunchlogClient({ url: server.url });
      disposed = own;
      await own.getNode(NODE.id);
    }
    expect(await rejectionOf(disposed.getNode(NODE.id))).toBeInstanceOf(LaunchlogClosedError);
  });

  test('is reported before and after each attempt, with the number of its request', async () => {
    const seen: ReceivedResponse[] = [];
    const lines: string[] = [];
    await start([refuse(503, { code: 'unavailable', retryable: true }), ok(NODE)], {
      onResponse: (response) => seen.push(response),
      logger: { warn: (line) => lines.push(line) },
    });
    await client.getNode(NODE.id);
    expect(seen).toMatchObject([
      { procedure: 'nodes.get', method: 'GET', attempt: 0, status: 503, requestId: 'request-2' },
      { attempt: 1, status: 200, requestId: 'request-1', error: undefined },
    ]);
    expect(seen[0]?.error).toBeInstanceOf(LaunchlogServerError);
    expect(lines).toEqual(['nodes.get is retried: no']);
  });

  test.each([
    [{ timeout: 5 }, "unknown option 'timeout'"],
    [{ timeoutMs: '5s' }, "option 'timeoutMs' must be a number of milliseconds"],
    [{ maxRetries: -1 }, "option 'maxRetries' must be a whole number, 0 or more"],
  ])('refuses the option %j by its name', async (options, message) => {
    await start([ok(NODE)]);
    const call = rejectionOf(client.getNode(NODE.id, options as never));
    expect(String(await call)).toContain(`TypeError: ${message}`);
    expect(server.requests).toEqual([]);
  });
});

describe('a list', () => {
  const page = (ids: readonly string[], nextCursor?: string) =>
    ok({ nodes: ids.map((id) => ({ ...NODE, id })), ...(nextCursor && { nextCursor }) });

  test('is one page for await', async () => {
    await start([page(['a', 'b'], 'next'), page(['c'])]);
    expect((await client.nodes.list({ status: 'active' })).nextCursor).toBe('next');
    expect((await client.listNodes()).nodes.map(({ id }) => id)).toEqual(['c']);
    expect(inputs()).toEqual([{ status: ['active'] }, {}]);
  });

  test('is every node for a loop, page after page, and no page more than the loop reads', async () => {
    await start([page(['a', 'b'], 'one'), page(['c'], 'two'), page(['d'])]);
    const ids: string[] = [];
    for await (const node of client.nodes.list({ status: ['active', 'failed'], limit: 2 })) ids.push(node.id);
    expect(ids).toEqual(['a', 'b', 'c', 'd']);
    const query = { status: ['active', 'failed'], limit: 2 };
    expect(inputs()).toEqual([query, { ...query, cursor: 'one' }, { ...query, cursor: 'two' }]);
    await server.close();
    await start([page(['a', 'b'], 'one'), page(['c'])]);
    for await (const node of client.nodes.list()) if (node.id === 'b') break;
    expect(server.requests).toHaveLength(1);
  });

  test('ends where a server repeats its cursor', async () => {
    await start([page(['a'], 'same')]);
    let count = 0;
    for await (const node of client.nodes.list()) count += node.id.length;
    expect(count).toBe(2);
  });
});

describe('an error', () => {
  test('names the fields that cannot be used, and the request', async () => {
    const issues = [{ path: ['gpuCount'], message: 'must be a whole number from 1 to 16' }];
    await start([refuse(400, { code: 'invalid_request', retryable: false, issues })]);
    const error = await rejectionOf(client.nodes.launch({} as never));
    expect(error).toBeInstanceOf(LaunchlogInvalidRequestError);
    expect(error).toMatchObject({ issues, requestId: 'request-2', kind: 'invalid_request' });
  });

  test('of a newer server keeps its word, its message and its status', async () => {
    await start([refuse(451, { code: 'export_controlled', retryable: false })]);
    expect(await rejectionOf(client.getNode(NODE.id))).toMatchObject({
      code: 'export_controlled',
      message: 'no',
      status: 451,
      kind: 'invalid_request',
    });
  });
});

describe('the options of a client', () => {
  test.each([
    [{ url: 'http://x', tokn: 'x' }, "unknown option 'tokn'"],
    [{ url: 'http://x', token: 5 }, "option 'token' must be a string, or a function"],
    [{ url: 5 }, "option 'url' must be a string"],
    [{ url: 'ftp://x' }, 'must begin with http:// or https://'],
    [{ url: 'http://x', WebSocket: {} }, "option 'WebSocket' must be a function"],
    [undefined, 'the options must be an object'],
  ])('%j are refused with a TypeError', (options, message) => {
    expect(() => createLaunchlogClient(options as never)).toThrow(TypeError);
    expect(() => createLaunchlogClient(options as never)).toThrow(message);
  });
});
