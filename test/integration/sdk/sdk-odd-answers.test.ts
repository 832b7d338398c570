import { afterEach, describe, expect, test } from 'vitest';
import {
  createLaunchlogClient,
  followNodeLog,
  isLaunchlogError,
  type LaunchlogClient,
  type LaunchlogClientOptions,
} from '@launchlog/sdk';
import { createTestLaunchlog } from '@launchlog/sdk/testing';
import { ScriptedHttpServer, type HttpAnswer } from '../../support/network/scripted-http-server.js';
import { sampleNode } from '../../support/sample/sample-node.js';

const NODE = sampleNode();
const REQUEST = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'my/model' } as const;

const servers: ScriptedHttpServer[] = [];
const clients: LaunchlogClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  for (const server of servers.splice(0)) await server.close();
});

async function serve(...answers: readonly HttpAnswer[]): Promise<ScriptedHttpServer> {
  const server = await ScriptedHttpServer.start(...answers);
  servers.push(server);
  return server;
}

function clientOf(options: LaunchlogClientOptions): LaunchlogClient {
  const client = createLaunchlogClient({ token: 'secret', ...options });
  clients.push(client);
  return client;
}

const send =
  (status: number, headers: Record<string, string>, body: string): HttpAnswer =>
  (_request, response) => {
    response.writeHead(status, headers);
    response.end(body);
  };
const HTML = { 'content-type': 'text/html' };
const JSON_TYPE = { 'content-type': 'application/json' };
const ok = (data: unknown) => send(200, JSON_TYPE, JSON.stringify({ result: { data: { json: data } } }));
const rejectionOf = (call: PromiseLike<unknown>) =>
  Promise.resolve(call).then(
    () => undefined,
    (error: unknown) => error,
  );

describe('an answer that no Launchlog server gives', () => {
  test.each([
    ['a page', 200, HTML, '<html>'],
    ['nothing at all', 200, {}, ''],
    ['an empty JSON', 200, JSON_TYPE, ''],
    ['a text that calls itself JSON', 200, JSON_TYPE, 'OK'],
    ['a JSON of others', 200, JSON_TYPE, '{"ok":true}'],
    ['null', 200, JSON_TYPE, 'null'],
    ['a text instead of an object', 500, JSON_TYPE, '"down"'],
    ['a page of a gateway that the call is too large for', 413, HTML, '<html>'],
  ])('%s: the call fails once, with the status and what to check', async (_name, status, headers, body) => {
    const server = await serve(send(status, headers, body));
    const error = await rejectionOf(clientOf({ url: server.url }).nodes.launch(REQUEST));
    expect(error).toMatchObject({ name: 'LaunchlogApiError', status, unreachable: false, retryable: false });
    expect(String(error)).toMatch(
      /answers with HTTP \d+, but not as a Launchlog server does: check the address/,
    );
    expect(server.requests).toHaveLength(1);
  });

  test('half a JSON is the end of a server that died: the call is tried again', async () => {
    const server = await serve(send(200, JSON_TYPE, '{"result":{"da'), ok(NODE));
    expect((await clientOf({ url: server.url }).nodes.get(NODE.id)).id).toBe(NODE.id);
    expect(server.requests).toHaveLength(2);
  });

  test.each([301, 302, 307, 308])(
    'a redirection (%i) is named and not followed: the token stays here',
    async (status) => {
      const other = await serve(ok(NODE));
      const server = await serve(send(status, { location: `${other.url}/sign-in` }, ''));
      const client = clientOf({ url: server.url });
      const calls = [
        () => client.nodes.launch(REQUEST),
        () => client.nodes.get(NODE.id),
        () => client.exportLog(NODE.id, { format: 'text' })[Symbol.asyncIterator]().next(),
      ];
      for (const call of calls) {
        expect(await rejectionOf(call())).toMatchObject({
          message: expect.stringContaining(
            `redirects to ${other.url}/sign-in: pass the address of the server`,
          ) as unknown,
          status,
          retryable: false,
        });
      }
      expect(server.requests).toHaveLength(3);
      expect(other.requests).toEqual([]);
    },
  );

  test('ends a followed log with that reason, and does not wait for a server that is not there', async () => {
    const server = await serve(send(200, HTML, '<html>'));
    const client = clientOf({ url: server.url });
    const first = client.followLog(NODE.id)[Symbol.asyncIterator]().next();
    expect(String(await rejectionOf(first))).toContain('not as a Launchlog server does');
  });

  test('is waited out by a log that was followed before, while its server is replaced', async () => {
    let isReplaced = false;
    let pages = 0;
    const memory = createTestLaunchlog({
      fetch: (input, init) => {
        if (!isReplaced) return memory.fetch(input, init);
        pages += 1;
        return Promise.resolve(new Response('<html>', { status: 404, headers: HTML }));
      },
    });
    clients.push(memory.client);
    memory.script([{ log: 'one' }]);
    const { node } = await memory.client.launch(REQUEST);
    const seen: string[] = [];
    const reading = (async () => {
      for await (const event of memory.client.followLog(node.id))
        if (event.type === 'log') seen.push(event.entry.message);
    })();
    await expect.poll(() => seen).toEqual(['one']);
    isReplaced = true;
    memory.up = false;
    await expect.poll(() => pages).toBeGreaterThan(0);
    isReplaced = false;
    memory.up = true;
    memory.play(node.id, { log: 'two' });
    memory.play(node.id, { active: {} });
    await reading;
    expect(seen.slice(0, 2)).toEqual(['one', 'two']);
  });
});

describe('what a program passes by mistake', () => {
  test('a token function that returns null has no token, and one that returns a number is named', async () => {
    const server = await serve(ok(NODE));
    await clientOf({ url: server.url, token: () => null }).getNode(NODE.id);
    expect(server.requests[0]?.headers).not.toHaveProperty('x-admin-token');
    const wrong = clientOf({ url: server.url, token: (() => 5) as never });
    expect(String(await rejectionOf(wrong.getNode(NODE.id)))).toBe(
      "TypeError: option 'token' must return a string, null or undefined",
    );
    const stream = wrong.followLog(NODE.id)[Symbol.asyncIterator]().next();
    expect(String(await rejectionOf(stream))).toContain("option 'token' must return a string");
    expect(server.requests).toHaveLength(1);
  });

  test('a secret that cannot be sent as a header is not quoted', async () => {
    const server = await serve(ok(NODE));
    const secret = 'first\nsecond';
    const errors = [
      await rejectionOf(clientOf({ url: server.url, token: secret }).getNode(NODE.id)),
      await rejectionOf(clientOf({ url: server.url, headers: { 'x-key': secret } }).getNode(NODE.id)),
    ];
    expect(errors.map(String)).toEqual([
      "TypeError: option 'token' cannot be sent as a header",
      "TypeError: option 'headers': 'x-key' cannot be sent as a header",
    ]);
    for (const error of errors) expect((error as Error).cause).toBeUndefined();
  });

  test.each([
    ['http://user:secret@127.0.0.1', 'url must not contain a user name or a password'],
    ['ws://127.0.0.1', 'must begin with http:// or https://'],
    ['127.0.0.1:8080', 'is not an address such as http://127.0.0.1:8080'],
  ])('the address %s is refused', (url, message) => {
    expect(() => createLaunchlogClient({ url })).toThrow(message);
    expect(() => createLaunchlogClient({ url })).not.toThrow('secret');
  });

  test('an option that a stream cannot use is refused at the call, by its name', async () => {
    const client = clientOf({ url: 'http://127.0.0.1:1' });
    const signal = 5 as never;
    const calls: readonly [() => unknown, string][] = [
      [() => client.followLog(NODE.id, { signal }), "option 'signal' must be an AbortSignal"],
      [() => client.followAll({ signal }), "option 'signal'"],
      [() => client.watchNodes({ signal }), "option 'signal'"],
      [() => client.nodes.eventsStream(NODE.id, { signal }), "option 'signal'"],
      [() => client.nodes.runtimeLogs(NODE.id, { signal }), "option 'signal'"],
      [() => client.followLog(NODE.id, 'all' as never), 'the options must be an object'],
      [
        () => client.exportLog(NODE.id, { format: 'xml' as never }),
        "option 'format' must be one of text, csv",
      ],
      [() => followNodeLog(client, NODE.id, {} as never), "option 'onEntries' must be a function"],
      [
        () => followNodeLog(client, NODE.id, { onEntries: 5 as never }),
        "option 'onEntries' must be a function",
      ],
    ];
    for (const [call, message] of calls) {
      expect(call).toThrow(TypeError);
      expect(call).toThrow(message);
    }
    const rejected: readonly [() => PromiseLike<unknown>, string][] = [
      [() => client.nodes.get(NODE.id, { signal }), "option 'signal' must be an AbortSignal"],
      [() => client.waitUntilActive(NODE.id, { onEvent: 5 as never }), "option 'onEvent' must be a function"],
      [() => client.launchAndWait(REQUEST, { onEvent: 5 as never }), "option 'onEvent' must be a function"],
      [
        () => client.pipeLog(NODE.id, undefined as never),
        'the target must be a stream such as process.stdout',
      ],
      [
        () => client.pipeLog(NODE.id, process.stdout, { format: 5 as never }),
        "option 'format' must be a function",
      ],
    ];
    for (const [call, message] of rejected) {
      const error = await rejectionOf(call());
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).toContain(message);
    }
  });
});

describe('what a loop reads', () => {
  const page = (id: string, nextCursor?: string) => ok({ nodes: [{ ...NODE, id }], nextCursor });

  test('may be read twice: a list page by page again, an export from its beginning', async () => {
    const server = await serve(page('a', 'one'), page('b'), page('a', 'one'), page('b'));
    const list = clientOf({ url: server.url }).nodes.list();
    const ids: string[] = [];
    for (let round = 0; round < 2; round += 1) for await (const node of list) ids.push(node.id);
    expect(ids).toEqual(['a', 'b', 'a', 'b']);
    const files = await serve(send(200, { 'content-type': 'text/plain' }, 'line\n'));
    const file = clientOf({ url: files.url }).exportLog(NODE.id, { format: 'text' });
    let text = '';
    for (let round = 0; round < 2; round += 1) for await (const chunk of file) text += chunk;
    expect(text).toBe('line\nline\n');
  });

  test('ends with the reason of a signal that aborts between two pages, and asks for no further one', async () => {
    const server = await serve(page('a', 'one'), page('b'));
    const stop = new AbortController();
    const reason = new Error('enough');
    const loop = async () => {
      for await (const node of clientOf({ url: server.url }).nodes.list({}, { signal: stop.signal }))
        if (node.id === 'a') stop.abort(reason);
    };
    expect(await rejectionOf(loop())).toBe(reason);
    expect(server.requests).toHaveLength(1);
  });

  test('of a client that is closed twice, and again while it closes, fails as closed', async () => {
    const server = await serve(page('a', 'one'));
    const client = clientOf({ url: server.url });
    await Promise.all([client.close(), client.close()]);
    await client.close();
    const loop = async () => {
      for await (const node of client.nodes.list()) expect(node).toBeUndefined();
    };
    const error = await rejectionOf(loop());
    expect(isLaunchlogError(error) && error.kind).toBe('closed');
    expect(client.connection.state).toBe('closed');
  });
});
