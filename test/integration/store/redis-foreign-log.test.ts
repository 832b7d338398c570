import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { NodeLogStore } from '@launchlog/server/log/log-store';
import { nodeLogKeys } from '@launchlog/server/redis/keys';
import { batchOf, logLines } from '../../support/log/log-lines.js';
import { redisLogRig } from '../../support/log/log-rigs.js';

const NODE = 'node-1';
const { list, meta } = nodeLogKeys(NODE);
const ALL = { from: { afterSeq: 0 }, limit: 100 } as const;

describe('a log in Redis that another program has written to', () => {
  let rig: Awaited<ReturnType<typeof redisLogRig>>;
  let store: NodeLogStore;
  let redis: Redis;

  beforeAll(async () => {
    rig = await redisLogRig();
    store = await rig.open();
    redis = new Redis(rig.server.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await store.close();
    await rig.close();
  });
  beforeEach(async () => {
    await redis.flushall();
    const claim = await store.claim(NODE, 1);
    const epoch = claim.kind === 'claimed' ? claim.epoch : '';
    await store.append(batchOf({ nodeId: NODE, epoch }, 1, logLines(1, 3)));
  });

  const set = (field: string, value: string) => ({
    name: `${field} = ${JSON.stringify(value)}`,
    write: () => redis.hset(meta, field, value),
  });
  const without = (field: string) => ({ name: `no ${field}`, write: () => redis.hdel(meta, field) });
  const FOREIGN = [
    ...['0', '-7', '2', 'x', '', '1.5', '1e300', 'nan'].map((seq) => set('seq', seq)),
    ...['a\nid: forged\n\nevent: done', '', 'ABC', 'x'.repeat(10_000)].map((epoch) => set('epoch', epoch)),
    ...['', 'renewed'].map((began) => set('began', began)),
    ...['x', ''].map((value) => set('attempt', value)),
    ...['x', ''].map((value) => set('bytes', value)),
    ...['x', ''].map((value) => set('trimmed', value)),
    set('terminal', '{"seq":'),
    ...['seq', 'began', 'attempt', 'bytes', 'trimmed', 'run'].map(without),
  ];

  test.each(FOREIGN)('is read with all its entries, and written to again, with $name', async ({ write }) => {
    await write();
    const slice = await store.read(NODE, ALL);
    expect(slice).toMatchObject({ lastSeq: 3, firstSeq: 1, linesFrom: 1, lines: logLines(1, 3) });
    expect(slice.epoch).toMatch(/^[0-9a-f]{16}$/);
    expect((await store.read(NODE, ALL)).epoch).toBe(slice.epoch);
    let claim = await store.claim(NODE, 2);
    expect(claim.kind).toBe('claimed');
    if (claim.kind === 'fenced') return;
    const lines = logLines(claim.lastSeq + 1, claim.lastSeq + 1);
    const batch = { ...batchOf({ nodeId: NODE, epoch: claim.epoch }, claim.lastSeq + 1, lines), attempt: 2 };
    expect(await store.append(batch)).toEqual({ kind: 'appended' });
    claim = await store.claim(NODE, 3);
    expect(claim).toMatchObject({ kind: 'claimed', lastSeq: batch.firstSeq });
  });

  test.each([
    ['the list is a string', () => redis.set(list, 'x')],
    ['the list is a hash', async () => (await redis.del(list), redis.hset(list, 'a', 'b'))],
    ['the hash is a string', () => redis.set(meta, 'x')],
    [
      'both are sets',
      async () => (await redis.del(list, meta), redis.sadd(list, 'x'), redis.sadd(meta, 'x')),
    ],
  ])('can be read, and begins again, when %s', async (_what, write) => {
    await write();
    expect((await store.read(NODE, ALL)).lines).toEqual([]);
    const claim = await store.claim(NODE, 2);
    expect(claim.kind).toBe('claimed');
    const { epoch, lastSeq } = claim as { epoch: string; lastSeq: number };
    const batch = {
      ...batchOf({ nodeId: NODE, epoch }, lastSeq + 1, logLines(lastSeq + 1, lastSeq + 1)),
      attempt: 2,
    };
    const reply = await store.append(batch);
    expect(['appended', 'lost']).toContain(reply.kind);
    const renewed = await store.claim(NODE, 2, 'ab'.repeat(8));
    expect(renewed).toMatchObject({ kind: 'claimed', lastSeq: 0 });
    expect(
      await store.append({
        ...batchOf({ nodeId: NODE, epoch: 'ab'.repeat(8) }, 1, logLines(1, 1)),
        attempt: 2,
      }),
    ).toEqual({
      kind: 'appended',
    });
  });
});
