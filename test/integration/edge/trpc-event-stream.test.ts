import { afterEach, describe, expect, test } from 'vitest';
import { OpenedEdges } from '../../support/client/opened-edges.js';
import type { SseFrame, SseReader } from '../../support/client/server-sse-reader.js';
import { stockEventClient, StockStream } from '../../support/client/server-trpc-client.js';
import { writeLine } from '../../support/log/write-line.js';
import { ADMIN_TOKEN, type ServerEdge } from '../../support/server/server-edge.js';

const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';
const ADMIN = { name: 'admin', kind: 'admin_token', scopes: ['admin'] } as const;
const STREAM = { Accept: 'text/event-stream' };
const opened = new OpenedEdges();
const { start } = opened;

afterEach(() => opened.close());

const isLog = ({ data }: SseFrame) => data.includes('"type":"log"');
const pathOf = (procedure: string, input: object) =>
  `/trpc/${procedure}?input=${encodeURIComponent(JSON.stringify({ json: input }))}`;

function read(
  edge: ServerEdge,
  path: string,
  headers: Record<string, string> = { 'X-Admin-Token': ADMIN_TOKEN },
): Promise<SseReader> {
  return opened.read(edge, path, { ...STREAM, ...headers });
}

/** The answer breaks after this many events, in the middle of the next one. */
function cutAfter(events: number, answer: Response): Response {
  const decoder = new TextDecoder();
  let left = events;
  const cut = new TransformStream<Uint8Array, Uint8Array>({
    transform(bytes, controller) {
      const frames = decoder.decode(bytes, { stream: true }).split('\n\n');
      for (const frame of frames) {
        if (frame.startsWith('data: ')) left -= 1;
        if (left < 0) return controller.error(new Error('cut'));
        const encoded = new TextEncoder().encode(frame === frames.at(-1) ? frame : `${frame}\n\n`);
        controller.enqueue(encoded);
      }
    },
  });
  const { status, headers } = answer;
  return new Response(answer.body?.pipeThrough(cut) ?? null, { status, headers });
}

describe('the stock httpSubscriptionLink', () => {
  test('reads a log to its end, each entry once, over a cut', async () => {
    const edge = await start();
    const { node, writer } = await edge.nodeWithLog(6);
    const asked: Response[] = [];
    const fetched = (answer: Response): Response => (asked.push(answer) === 1 ? cutAfter(4, answer) : answer);
    const stream = new StockStream(stockEventClient(edge.url, { fetched }), { nodeId: node.id, tail: 100 });
    await stream.until(({ messages }) => messages.length === 6);
    writeLine(writer, 'up', { phase: 'active', source: 'orchestrator', progress: 100 });
    await stream.until(({ completed }) => completed);
    expect(stream.messages).toEqual([1, 2, 3, 4, 5, 6].map((number) => `line ${number}`).concat('up'));
    expect(stream.items.at(-1)?.data.type).toBe('done');
    expect(asked).toHaveLength(2);
    expect(stream.error).toBeUndefined();
  });

  test('sees an error where it is refused', async () => {
    const edge = await start();
    for (const [token, nodeId] of [
      ['wrong', UNKNOWN_ID],
      [ADMIN_TOKEN, UNKNOWN_ID],
    ] as const) {
      const stream = new StockStream(stockEventClient(edge.url, { token }), { nodeId });
      await stream.until(({ error }) => error !== undefined);
      expect([stream.started, stream.items]).toEqual([0, []]);
    }
  });
});

describe('a subscription over HTTP', () => {
  test('is refused with its status before a stream opens', async () => {
    const edge = await start();
    const starting = edge.launches.add({ status: 'launching' });
    const refusal = async (path: string, init: RequestInit = {}): Promise<unknown[]> => {
      const answer = await edge.fetch(path, { headers: STREAM, ...init });
      const { error } = (await answer.json()) as { error: { json: { data: { code: string } } } };
      return [answer.status, error.json.data.code];
    };
    for (const procedure of ['nodes.logsStream', 'nodes.eventsStream', 'nodes.runtimeLogs']) {
      expect(await refusal(pathOf(procedure, { nodeId: UNKNOWN_ID }))).toEqual([404, 'node_not_found']);
    }
    expect(await refusal(pathOf('nodes.runtimeLogs', { nodeId: starting.id }))).toEqual([409, 'conflict']);
    expect(await refusal(pathOf('nodes.logsStream', { nodeId: 7 }))).toEqual([400, 'invalid_request']);
    expect(await refusal('/trpc/nodes.watch?input=%7B')).toEqual([400, 'invalid_json']);
    expect(await refusal(pathOf('nodes.watch', { lastEventId: 'x' }))).toEqual([400, 'invalid_request']);
    const anonymous = { headers: { ...STREAM, 'X-Admin-Token': '' } };
    const inUrl = '/trpc/nodes.watch?connectionParams=%7B%22token%22%3A%22x%22%7D';
    expect(await refusal('/trpc/nodes.watch', anonymous)).toEqual([401, 'missing_admin_token']);
    expect(await refusal(inUrl, anonymous)).toEqual([401, 'missing_admin_token']);
    expect(await refusal('/trpc/nodes.watch', { headers: {} })).toEqual([405, 'method_not_allowed']);
    expect(await refusal('/trpc/nodes.watch', { method: 'POST' })).toEqual([405, 'method_not_allowed']);
    expect(edge.trpc.eventStreams.size).toBe(0);
    expect(edge.watch.listeners).toBe(0);
  });

  test('takes one of the places that all event streams share, and gives it back', async () => {
    const edge = await start({ streamsMax: 1 });
    const { node, path } = await edge.nodeWithLog(1);
    const subscription = pathOf('nodes.logsStream', { nodeId: node.id });
    const first = await read(edge, subscription);
    expect(first.status).toBe(200);
    expect([(await read(edge, path)).status, (await read(edge, subscription)).status]).toEqual([503, 503]);
    first.close();
    await expect.poll(async () => (await read(edge, path)).status).toBe(200);
    const refused = await read(edge, subscription);
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '5']);
  });

  test('opens with the headers of a stream, and beats', async () => {
    const edge = await start({ heartbeatMs: 50 });
    const reader = await read(edge, pathOf('nodes.watch', {}));
    expect(reader.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    const frames = await reader.until(({ event }) => event === 'ping');
    expect(frames[0]).toMatchObject({ event: 'connected', data: '{"reconnectAfterInactivityMs":150}' });
    expect(reader.retry).toBeGreaterThanOrEqual(1_000);
  });

  test('is one of every subscription that there is', async () => {
    const edge = await start();
    const { node } = await edge.nodeWithLog(2);
    const active = edge.launches.add({ status: 'active' });
    const first = async (procedure: string, input: object): Promise<string> => {
      const reader = await read(edge, pathOf(procedure, input));
      const data = (await reader.until(({ event }) => event === 'message')).at(-1)?.data ?? '';
      reader.close();
      return (JSON.parse(data) as { json: { type: string } }).json.type;
    };
    expect(await first('nodes.logsStream', { nodeId: node.id })).toBe('status');
    expect(await first('logs.streamAll', {})).toMatch(/^(?:status|log)$/);
    const streamOfNone = await read(
      edge,
      pathOf('deployments.logsStream', { deploymentId: 'none', follow: false }),
    );
    expect((await streamOfNone.toEnd()).at(-1)?.event).toBe('return');
    expect(await first('nodes.watch', {})).toBe('snapshot');
    expect(await first('nodes.runtimeLogs', { nodeId: active.id })).toBe('line');
    const events = await read(edge, pathOf('nodes.eventsStream', { nodeId: active.id }));
    expect((await events.until(({ event }) => event === 'connected')).at(-1)?.event).toBe('connected');
    expect(edge.trpc.eventStreams.size).toBeGreaterThan(0);
  });

  test('continues after the last id of the header, else after that of the URL', async () => {
    const edge = await start();
    const { node } = await edge.nodeWithLog(4);
    const path = pathOf('nodes.logsStream', { nodeId: node.id, follow: false, tail: 100 });
    const messages = async (reader: SseReader): Promise<string[]> =>
      (await reader.toEnd()).filter(isLog).map(({ data }) => /"message":"([^"]*)"/.exec(data)?.[1] ?? '');
    const ids = (await (await read(edge, path)).toEnd()).filter(isLog).map(({ id }) => id ?? '');
    const token = { 'X-Admin-Token': ADMIN_TOKEN };
    const inUrl = `${path}&lastEventId=${ids[0] ?? ''}`;
    expect(await messages(await read(edge, inUrl, token))).toEqual(['line 2', 'line 3', 'line 4']);
    const both = await read(edge, inUrl, { ...token, 'Last-Event-ID': ids[2] ?? '' });
    expect(await messages(both)).toEqual(['line 4']);
  });

  test('of nodes opens at once where it is resumed, though nothing has changed, and leaves nothing behind', async () => {
    const edge = await start();
    edge.launches.add();
    const first = await read(edge, pathOf('nodes.watch', {}));
    const snapshot = (await first.until(({ event }) => event === 'message')).at(-1);
    first.close();
    await expect.poll(() => edge.watch.listeners).toBe(0);
    const resumed = await read(edge, pathOf('nodes.watch', { lastEventId: snapshot?.id }));
    expect((await resumed.until(({ event }) => event === 'connected')).at(-1)?.event).toBe('connected');
    await expect.poll(() => edge.watch.listeners).toBe(1);
    resumed.close();
    await expect.poll(() => edge.watch.listeners).toBe(0);
  });

  test('ends without a return value at its maximum age, so that clients reconnect', async () => {
    const edge = await start({ maxAgeMs: 300 });
    const { node } = await edge.nodeWithLog(1);
    const paths = [pathOf('nodes.logsStream', { nodeId: node.id }), pathOf('nodes.watch', {})];
    paths.push(pathOf('nodes.eventsStream', { nodeId: node.id }), pathOf('logs.streamAll', {}));
    const streams = await Promise.all(paths.map((path) => read(edge, path)));
    for (const stream of streams) {
      const events = (await stream.toEnd()).map(({ event }) => event);
      expect(events[0]).toBe('connected');
      expect(events).not.toContain('return');
    }
    await expect.poll(() => edge.trpc.eventStreams.size).toBe(0);
  });

  test('ends when its token is revoked', async () => {
    const edge = await start();
    const { token, accessToken } = await edge.access.tokens.create(ADMIN, { name: 'one', scopes: ['read'] });
    const revoked = await read(edge, pathOf('nodes.watch', {}), { 'X-Admin-Token': token });
    expect(revoked.status).toBe(200);
    await edge.access.tokens.revoke(ADMIN, accessToken.id);
    await revoked.toEnd();
    expect((await read(edge, pathOf('nodes.watch', {}), { 'X-Admin-Token': token })).status).toBe(401);
  });

  test('takes a ticket for the log of its node alone', async () => {
    const edge = await start();
    const { node } = await edge.nodeWithLog(1);
    const ticket = async (): Promise<string> => {
      const answer = await edge.fetch(`/admin/nodes/${node.id}/logs/ticket`, { method: 'POST' });
      return ((await answer.json()) as { ticket: string }).ticket;
    };
    const own = pathOf('nodes.logsStream', { nodeId: node.id, follow: false });
    const reader = await read(edge, `${own}&ticket=${await ticket()}`, {});
    expect((await reader.toEnd()).at(-1)?.event).toBe('return');
    const other = await read(edge, `${pathOf('nodes.watch', {})}&ticket=${await ticket()}`, {});
    expect(other.status).toBe(403);
  });
});
