import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FollowEvent, LaunchlogClient } from '@launchlog/sdk';
import { isLaunchlogError, LaunchFailedError } from '@launchlog/sdk';
import { createTestLaunchlog } from '@launchlog/sdk/testing';
import type { TestLaunchlog } from '@launchlog/sdk/testing';
import { createLaunchlogClient } from '@launchlog/sdk';
import { EdgeBehindNetwork } from '../../support/server/edge-behind-network.js';
import { ADMIN_TOKEN } from '../../support/server/server-edge.js';

const REQUEST = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'my/model' } as const;

/** One launch whose log a test writes: on the real edge, and on the server in memory. */
interface Rig {
  readonly client: LaunchlogClient;
  readonly nodeId: string;
  append(count: number): Promise<void>;
  end(): Promise<void>;
  cut(): void;
  close(): Promise<void>;
}

async function realRig(): Promise<Rig> {
  const behind = await EdgeBehindNetwork.start();
  const log = await behind.addNode();
  const client = createLaunchlogClient({ url: behind.url, token: ADMIN_TOKEN });
  return {
    client,
    nodeId: log.node.id,
    append: (count) => log.append(count),
    end: () => log.end('active', 'ready'),
    cut: () => behind.network.cut(),
    close: async () => {
      await client.close();
      await behind.close();
    },
  };
}

async function memoryRig(): Promise<Rig> {
  const memory = createTestLaunchlog();
  memory.script([]);
  const { node } = await memory.client.launch(REQUEST);
  let lines = 0;
  return {
    client: memory.client,
    nodeId: node.id,
    append: async (count) => {
      for (let added = 0; added < count; added += 1) {
        lines += 1;
        memory.play(node.id, { log: `line ${lines}`, phase: 'provisioning' });
      }
    },
    end: async () => memory.play(node.id, { active: { message: 'ready' } }),
    cut: () => memory.disconnect(),
    close: () => memory.client.close(),
  };
}

async function read(events: AsyncIterable<FollowEvent>, into: FollowEvent[] = []): Promise<FollowEvent[]> {
  for await (const event of events) into.push(event);
  return into;
}

const seqs = (events: readonly FollowEvent[]) =>
  events.flatMap((event) => (event.type === 'log' ? [event.entry.seq] : []));

describe.each([
  ['the real edge', realRig],
  ['the server in memory', memoryRig],
])('a log of %s', (_name, start) => {
  let rig: Rig;

  beforeEach(async () => {
    rig = await start();
  });

  afterEach(() => rig.close());

  test('is read from its history to its end, each entry once, across a cut connection', async () => {
    await rig.append(2);
    const events: FollowEvent[] = [];
    const reading = read(rig.client.followLog(rig.nodeId), events);
    await expect.poll(() => seqs(events)).toEqual([1, 2]);
    rig.cut();
    await rig.append(2);
    await rig.end();
    await reading;
    expect(seqs(events)).toEqual([1, 2, 3, 4, 5]);
    expect(events[0]?.type).toBe('status');
    expect(events.at(-1)).toMatchObject({ type: 'done', done: { status: 'active' } });
  });

  test('continues after a cursor, and repeats its end alone after the last one', async () => {
    await rig.append(3);
    await rig.end();
    const all = await read(rig.client.followLog(rig.nodeId));
    const second = all.find((event) => event.type === 'log' && event.entry.seq === 2);
    expect(seqs(await read(rig.client.followLog(rig.nodeId, { cursor: second?.cursor })))).toEqual([3, 4]);
    const again = await read(rig.client.followLog(rig.nodeId, { cursor: all.at(-1)?.cursor }));
    expect(again.map(({ type }) => type)).toEqual(['done']);
  });

  test('takes filters, tail and follow', async () => {
    await rig.append(12);
    const options = { q: 'LINE 1', tail: 3, follow: false } as const;
    const events = await read(rig.client.followLog(rig.nodeId, options));
    expect(seqs(events)).toEqual([10, 11, 12]);
    expect(events.at(-1)).toMatchObject({ type: 'done', done: { status: 'launching' } });
    expect(events.at(-1)?.cursor).not.toMatch(/:done$/);
  });

  test("begins at its first entry with tail: 'all', also with filters", async () => {
    await rig.append(120);
    const of = async (options: object) =>
      seqs(await read(rig.client.followLog(rig.nodeId, { tail: 'all', follow: false, ...options })));
    expect(await of({})).toHaveLength(120);
    expect(await of({ q: 'line 12' })).toEqual([12, 120]);
    const page = await rig.client.nodes.logs(rig.nodeId, { tail: 2 });
    expect(await of({ cursor: page.nextCursor })).toEqual([]);
  });

  test('is paged', async () => {
    await rig.append(7);
    expect((await rig.client.nodes.logs(rig.nodeId, { tail: 2 })).logs.map(({ seq }) => seq)).toEqual([6, 7]);
    const paged: number[] = [];
    for await (const entry of rig.client.nodes.logs(rig.nodeId, { limit: 3 })) paged.push(entry.seq);
    expect(paged).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test('of no node is refused by name', async () => {
    const refused = { code: 'node_not_found', status: 404, message: 'node not found: nobody' };
    await expect(rig.client.getNode('nobody')).rejects.toMatchObject(refused);
    await expect(read(rig.client.followLog('nobody'))).rejects.toMatchObject({ code: 'node_not_found' });
  });
});

describe('a scripted launch', () => {
  let memory: TestLaunchlog;

  beforeEach(() => {
    memory = createTestLaunchlog();
  });

  afterEach(() => memory.client.close());

  test('succeeds where nothing else was asked for', async () => {
    const node = await memory.client.launchAndWait(REQUEST);
    expect(node).toMatchObject({ status: 'active', phase: 'active', progress: 100 });
    expect((await memory.client.nodes.list({ status: 'active' })).nodes.map(({ id }) => id)).toEqual([
      node.id,
    ]);
  });

  test('fails as it was asked to', async () => {
    memory.script([
      { log: 'Asking for a machine', phase: 'provisioning' },
      { fail: { reason: 'quota', message: 'Used up', hint: 'Ask' } },
    ]);
    const error: unknown = await memory.client.launchAndWait(REQUEST).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LaunchFailedError);
    expect(error).toMatchObject({ reason: 'quota', hint: 'Ask', lines: ['Asking for a machine', 'Used up'] });
  });

  test('shows gaps and resets to a reader that was away', async () => {
    memory.script([]);
    const { node } = await memory.client.launch(REQUEST);
    for (const line of ['a', 'b', 'c', 'd']) memory.play(node.id, { log: line });
    const [, first] = await read(memory.client.followLog(node.id, { follow: false }));
    memory.play(node.id, { trim: 3 });
    const late = await read(memory.client.followLog(node.id, { cursor: first?.cursor, follow: false }));
    expect(late.find(({ type }) => type === 'gap')).toMatchObject({
      gap: { from_seq: 2, to_seq: 3, reason: 'trimmed' },
    });
    expect(seqs(late)).toEqual([4]);
    memory.play(node.id, { reset: 'cleared' });
    memory.play(node.id, { log: 'new' });
    const after = await read(memory.client.followLog(node.id, { cursor: first?.cursor, follow: false }));
    expect(after.map(({ type }) => type)).toEqual(['status', 'reset', 'log', 'status', 'done']);
  });

  test('is repeated by its idempotency key, and cancelled', async () => {
    memory.script([]);
    const { node } = await memory.client.launch(REQUEST, { idempotencyKey: 'once' });
    const again = await memory.client.launch(REQUEST, { idempotencyKey: 'once' });
    expect(again).toMatchObject({ node: { id: node.id }, replayed: true });
    expect(await memory.client.nodes.cancel(node.id)).toMatchObject({ failureReason: 'cancelled' });
  });

  test('is out of reach while the server is away, and what the server does not have is named', async () => {
    memory.up = false;
    const away: unknown = await memory.client.nodes
      .list({}, { maxRetries: 0 })
      .catch((thrown: unknown) => thrown);
    expect(isLaunchlogError(away) && away.kind).toBe('connection');
    memory.up = true;
    await expect(memory.client.tokens.list()).rejects.toThrow("the server in memory has no 'tokens.list'");
  });
});
