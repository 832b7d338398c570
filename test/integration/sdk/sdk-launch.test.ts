import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLaunchlogClient, isLaunchlogError, LaunchFailedError } from '@launchlog/sdk';
import type { FollowEvent, LaunchlogClient } from '@launchlog/sdk';
import { EdgeBehindNetwork } from '../../support/server/edge-behind-network.js';
import { ADMIN_TOKEN } from '../../support/server/server-edge.js';

let behind: EdgeBehindNetwork;
let client: LaunchlogClient;

beforeEach(async () => {
  behind = await EdgeBehindNetwork.start();
  client = createLaunchlogClient({ url: behind.url, token: ADMIN_TOKEN });
});

afterEach(async () => {
  vi.unstubAllGlobals();
  await client.close();
  await behind.close();
});

const rejectionOf = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('waiting for a launch', () => {
  test('resolves with the node once it is active, and shows every event on the way', async () => {
    const log = await behind.addNode();
    await log.append(2);
    const events: FollowEvent[] = [];
    const waiting = client.waitUntilActive(log.node.id, { onEvent: (event) => events.push(event) });
    await expect.poll(() => events.filter(({ type }) => type === 'log').length).toBe(2);
    await log.end('active', 'ready');
    expect(await waiting).toMatchObject({ id: log.node.id });
    expect(events.at(-1)?.type).toBe('done');
  });

  test('throws what a person needs to know about a failure', async () => {
    const failure = {
      failureReason: 'quota',
      failureMessage: 'The quota of the region is used up.',
      hint: 'Ask for more.',
    } as const;
    const log = await behind.addNode({ ...failure, evidence: { lines: ['Quota exceeded'] } });
    await log.append(1);
    await log.end('failed', 'no quota');
    const error = await rejectionOf(client.waitUntilActive(log.node.id));
    expect(error).toBeInstanceOf(LaunchFailedError);
    expect(error).toMatchObject({ reason: 'quota', hint: 'Ask for more.', lines: ['Quota exceeded'] });
    expect(String(error)).toContain('The quota of the region is used up.');
    const silent = await behind.addNode();
    await silent.append(25);
    await silent.end('failed', 'out of memory');
    const other = (await rejectionOf(client.waitUntilActive(silent.node.id))) as LaunchFailedError;
    expect([other.lines.length, other.lines.at(-1)]).toEqual([20, 'out of memory']);
  });

  test('stops at its signal, with its reason, and leaves the launch alone', async () => {
    const log = await behind.addNode();
    const reason = new Error('enough');
    const stop = new AbortController();
    const waiting = rejectionOf(client.waitUntilActive(log.node.id, { signal: stop.signal }));
    await expect.poll(() => client.connection.state).toBe('open');
    stop.abort(reason);
    expect(await waiting).toBe(reason);
  });

  test('ends with the client', async () => {
    const log = await behind.addNode();
    const waiting = rejectionOf(client.waitUntilActive(log.node.id));
    await expect.poll(() => client.connection.state).toBe('open');
    await client.close();
    expect(await waiting).toMatchObject({ kind: 'closed' });
  });

  test('a launch and its wait are one call', async () => {
    const request = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'my/model' } as const;
    const stop = new AbortController();
    const waiting = rejectionOf(
      client.launchAndWait(request, { signal: stop.signal, idempotencyKey: 'once' }),
    );
    await expect.poll(() => behind.edge.launches.asked.length).toBe(1);
    await expect.poll(() => client.connection.state).toBe('open');
    stop.abort();
    expect(await waiting).toMatchObject({ name: 'AbortError' });
    expect(behind.edge.launches.asked[0]?.context.idempotencyKey).toBe('once');
  });
});

describe('a log that is written to a stream', () => {
  test('has one line for each entry, without control characters, at the pace of the stream', async () => {
    const log = await behind.addNode();
    await log.write('\u001b[31mred\u001b[0m \u0007bell');
    await log.append(1);
    await log.end('active', 'ready');
    let text = '';
    const slow = new Writable({
      highWaterMark: 1,
      write(chunk: Buffer, _encoding, done) {
        text += chunk.toString();
        setImmediate(done);
      },
    });
    expect(await client.pipeLog(log.node.id, slow)).toMatchObject({ status: 'active' });
    expect(text.split('\n').map((line) => line.replace(/^\S+Z /, ''))).toEqual([
      'info  red bell',
      'info  line 1',
      'info  ready',
      '',
    ]);
    expect(slow.writableEnded).toBe(false);
  });

  test('may be a stream of the platform, in a form of its own', async () => {
    const log = await behind.addNode();
    await log.append(2);
    await log.end('failed', 'no');
    const written: string[] = [];
    const target = new WritableStream<string>({ write: (chunk) => void written.push(chunk) });
    const format = ({ seq }: { seq: number }) => `${seq};`;
    expect(await client.pipeLog(log.node.id, target, { format, level: 'info' })).toMatchObject({
      status: 'failed',
    });
    expect(written).toEqual(['1;', '2;']);
  });
});

describe('history', () => {
  test('is one page for await, and every entry that is kept for a loop', async () => {
    const log = await behind.addNode();
    await log.append(1_500);
    expect((await client.nodes.logs(log.node.id, { tail: 3 })).logs.map(({ seq }) => seq)).toEqual([
      1498, 1499, 1500,
    ]);
    const seqs: number[] = [];
    for await (const entry of client.logs(log.node.id, { limit: 400 })) seqs.push(entry.seq);
    expect(seqs).toEqual(Array.from({ length: 1_500 }, (_, index) => index + 1));
    const last: number[] = [];
    for await (const entry of client.logs(log.node.id, { tail: 2 })) last.push(entry.seq);
    expect(last).toEqual([1499, 1500]);
    const filtered: string[] = [];
    for await (const entry of client.logs(log.node.id, { q: 'line 149', limit: 3 }))
      filtered.push(entry.message);
    expect(filtered).toEqual(['line 149', ...Array.from({ length: 10 }, (_, index) => `line 149${index}`)]);
  });
});

describe('what the program brings itself', () => {
  test('a token function that throws ends a followed log at once, with its own error', async () => {
    const own = new Error('the vault is sealed');
    await using broken = createLaunchlogClient({
      url: behind.url,
      token: () => {
        throw own;
      },
    });
    const log = await behind.addNode();
    const first = broken.followLog(log.node.id)[Symbol.asyncIterator]().next();
    expect(await rejectionOf(Promise.resolve(first))).toBe(own);
  });

  test('a WebSocket that throws, as the stand-in of ws for browsers does, ends it too', async () => {
    class Stub {
      constructor() {
        throw new Error('ws does not work in the browser');
      }
      send(): void {}
      close(): void {}
    }
    await using broken = createLaunchlogClient({ url: behind.url, token: ADMIN_TOKEN, WebSocket: Stub });
    const log = await behind.addNode();
    const first = broken.followLog(log.node.id)[Symbol.asyncIterator]().next();
    expect(String(await rejectionOf(Promise.resolve(first)))).toContain('ws does not work in the browser');
  });

  test('a token that is renewed is used by the next connection', async () => {
    const log = await behind.addNode();
    await log.append(1);
    let token = 'stale';
    await using renewed = createLaunchlogClient({ url: behind.url, token: () => Promise.resolve(token) });
    const refused = await rejectionOf(renewed.waitUntilActive(log.node.id));
    expect(isLaunchlogError(refused) && refused.kind).toBe('authentication');
    token = ADMIN_TOKEN;
    await log.end('active', 'ready');
    expect(await renewed.waitUntilActive(log.node.id)).toMatchObject({ id: log.node.id });
  });

  test('a global fetch and WebSocket that a test puts in place are used', async () => {
    const log = await behind.addNode();
    await log.end('active', 'ready');
    const urls: string[] = [];
    const { fetch } = globalThis;
    const { WebSocket: Real } = await import('ws');
    vi.stubGlobal('fetch', (input: string, init: RequestInit) => {
      urls.push(String(input));
      return fetch(input, init);
    });
    vi.stubGlobal(
      'WebSocket',
      class extends Real {
        constructor(url: string) {
          super(url);
          urls.push(url);
        }
      },
    );
    expect(await client.waitUntilActive(log.node.id)).toMatchObject({ id: log.node.id });
    expect(urls.map((url) => new URL(url).pathname)).toEqual(['/trpc', '/trpc/nodes.get']);
  });
});
