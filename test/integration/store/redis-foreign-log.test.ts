import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { damagedLine, isDamagedLine } from '@launchlog/server/log/damage/damaged-line';
import { readRecords } from '@launchlog/server/log/log-record';
import type { NodeLogStore } from '@launchlog/server/log/log-store';
import { nodeLogKeys } from '@launchlog/server/redis/keys';
import { batchOf, logLine, logLines, terminalLine } from '../../support/log/log-lines.js';
import { redisLogRig } from '../../support/log/log-rigs.js';

const NODE = 'node-1';
const { list, meta } = nodeLogKeys(NODE);
/** Damaged entries have no text to compare. */
const readable = (line: string) => (/^\{"seq":\d+,"timestamp"/.test(line) ? line : 'damaged');
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
    ...['0', '-7', '2', 'x', '', '1.5', '1e300', 'nan', '0x10', ' 3', '99999999999999'].map((seq) =>
      set('seq', seq),
    ),
    ...['a\nid: forged\n\nevent: done', '', 'ABC', 'x'.repeat(10_000), '0'.repeat(16)].map((epoch) =>
      set('epoch', epoch),
    ),
    ...['', 'renewed'].map((began) => set('began', began)),
    ...['x', '', '-1', '1e300', '99999999999'].map((value) => set('attempt', value)),
    ...['x', '', '-5', '1e300', '99999999999'].map((value) => set('bytes', value)),
    ...['0', 'x'].map((value) => set('cleared', value)),
    ...['0', 'x'].map((value) => set('closed', value)),
    set('terminal', logLine(2, { phase: 'failed' })),
    set('terminal', logLine(3)),
    ...['x', ''].map((value) => set('trimmed', value)),
    set('terminal', '{"seq":'),
    ...['seq', 'began', 'attempt', 'bytes', 'trimmed', 'run'].map(without),
  ];

  test.each(FOREIGN)('is read with all its entries, and written to again, with $name', async ({ write }) => {
    await write();
    const slice = await store.read(NODE, ALL);
    const sound = {
      lastSeq: 3,
      firstSeq: 1,
      linesFrom: 1,
      lines: logLines(1, 3),
      closed: false,
      cleared: false,
    };
    expect(slice).toMatchObject(sound);
    expect(await store.changed([{ nodeId: NODE, epoch: slice.epoch, lastSeq: 3 }])).toEqual([]);
    expect(slice.epoch).toMatch(/^[0-9a-f]{16}$/);
    expect((await store.read(NODE, ALL)).epoch).toBe(slice.epoch);
    let claim = await store.claim(NODE, 2);
    expect(claim).toMatchObject({ kind: 'claimed', terminal: undefined });
    if (claim.kind === 'fenced') throw new Error('fenced');
    const lines = logLines(claim.lastSeq + 1, claim.lastSeq + 1);
    const batch = { ...batchOf({ nodeId: NODE, epoch: claim.epoch }, claim.lastSeq + 1, lines), attempt: 2 };
    expect(await store.append(batch)).toEqual({ kind: 'appended' });
    claim = await store.claim(NODE, 3);
    expect(claim).toMatchObject({ kind: 'claimed', lastSeq: batch.firstSeq, faults: [] });
    const after = await store.read(NODE, ALL);
    expect(after).toMatchObject({ lastSeq: batch.firstSeq, faults: [] });
    expect(after.lines.at(-1)).toBe(lines[0]);
  });

  test('keeps its entries when only the number of the last one is wrong, as the owner of a launch continues', async () => {
    for (const seq of ['x', '2', '-7']) {
      await redis.hset(meta, 'seq', seq);
      const claim = await store.claim(NODE, 2);
      expect(claim).toMatchObject({ kind: 'claimed', lastSeq: 3, faults: [{ field: 'seq', found: seq }] });
    }
    expect(await store.read(NODE, ALL)).toMatchObject({ lines: logLines(1, 3), faults: [] });
  });

  test.each([
    ['the hash knows of later ones', () => redis.hset(meta, 'seq', '5'), [1, 2, 3], [4, 5], 'seq'],
    ['the last ones are taken away', () => redis.rpop(list, 2), [1], [2, 3], 'seq'],
    ['one in the middle is taken away', () => redis.lrem(list, 1, logLine(2)), [1, 3], [2], 'list'],
    ['one in the middle is written over', () => redis.lset(list, 1, 'x'), [1, 3], [2], undefined],
    [
      'one in the middle is huge',
      () => redis.lset(list, 1, `{"seq":2,"x":"${'x'.repeat(2 ** 21)}"}`),
      [1, 3],
      [2],
      'entry',
    ],
    [
      'the first one is written over with another number',
      () => redis.lset(list, 0, logLine(99)),
      [2, 3],
      [1],
      'list',
    ],
    ['others stand before them', () => redis.lpush(list, 'x', '{"seq":77}'), [1, 2, 3], [], 'list'],
    [
      'others stand between them',
      () => redis.linsert(list, 'AFTER', logLine(2), '[]'),
      [1, 2, 3],
      [],
      'list',
    ],
    ['others stand after them', () => redis.rpush(list, 'x', 'null'), [1, 2, 3], [], 'list'],
    ['they are there twice', () => redis.rpush(list, ...logLines(1, 3)), [1, 2, 3], [], 'list'],
    ['the hash is gone', () => redis.del(meta), [1, 2, 3], [], 'hash'],
    [
      'the hash is a string',
      async () => (await redis.del(meta), redis.set(meta, 'x')),
      [1, 2, 3],
      [],
      'hash',
    ],
  ])(
    'shows each entry by its number, and a gap for each that is lost, where %s',
    async (_, write, seqs, gaps, field) => {
      await write();
      const { lines, linesFrom, faults = [], epoch = '', lastSeq } = await store.read(NODE, ALL);
      expect(linesFrom).toBe(1);
      const records = readRecords(epoch, linesFrom, lines);
      expect(records.filter(({ damaged }) => !damaged).map(({ json }) => json)).toEqual(
        seqs.map((seq) => logLine(seq)),
      );
      expect(records.filter(({ damaged }) => damaged).map(({ seq }) => seq)).toEqual(gaps);
      expect(faults.map((fault) => fault.field)).toEqual(field === undefined ? [] : [field]);
      // A smaller part of it is the same, from either end.
      for (let after = 0; after < lastSeq; after += 1) {
        const part = await store.read(NODE, { from: { afterSeq: after }, limit: 2 });
        expect(part.lines.map(readable)).toEqual(lines.slice(after, after + 2).map(readable));
      }
      const tail = await store.read(NODE, { from: { tail: 2 }, limit: 2 });
      expect(tail.lines.map(readable)).toEqual(lines.slice(-2).map(readable));
      expect(await store.changed([{ nodeId: NODE, epoch, lastSeq }])).toEqual([]);
      // The owner that still holds its entries begins the log anew, or continues it: nothing counts as stored that is not.
      const held = await redis.hget(meta, 'epoch').catch(() => null);
      const { kind } = await store.append(batchOf({ nodeId: NODE, epoch: held ?? epoch }, 4, [logLine(4)]));
      const renewal = 'ab'.repeat(8);
      if (kind === 'lost') {
        await store.claim(NODE, 1, renewal);
        await store.append(batchOf({ nodeId: NODE, epoch: renewal }, 1, logLines(1, 4)));
      }
      expect(['appended', 'lost']).toContain(kind);
      expect((await store.read(NODE, ALL)).lines).toContain(logLine(4));
    },
  );

  test('is placed by its numbers also where it is long, read in parts from any place', async () => {
    const claim = await store.claim('long', 1);
    const epoch = claim.kind === 'claimed' ? claim.epoch : '';
    const keys = nodeLogKeys('long');
    await store.append(batchOf({ nodeId: 'long', epoch }, 1, logLines(1, 1_000)));
    for (const seq of [3, 400, 401, 402, 997]) await redis.lrem(keys.list, 1, logLine(seq));
    for (const seq of [1, 2, 500, 999]) await redis.linsert(keys.list, 'BEFORE', logLine(seq), `x ${seq}`);
    await redis.lset(keys.list, 700, logLine(5));
    for (const after of [0, 1, 250, 399, 400, 402, 500, 690, 702, 995]) {
      const { lines, linesFrom } = await store.read('long', { from: { afterSeq: after }, limit: 20 });
      const records = readRecords(epoch, linesFrom, lines);
      expect([linesFrom, records.length]).toEqual([after + 1, Math.min(20, 1_000 - after)]);
      const gone = [3, 400, 401, 402, 702, 997].filter((seq) => seq > after && seq <= after + 20);
      expect(records.filter(({ damaged }) => damaged).map(({ seq }) => seq)).toEqual(gone);
      const one = { limit: 1_000, maxBytes: 1 };
      expect((await store.read('long', { from: { afterSeq: after }, ...one })).lines).toEqual([lines[0]]);
      expect((await store.read('long', { from: { tail: 30 }, ...one })).linesFrom).toBe(1_000);
    }
  });

  test('a hash that knows of entries which were never stored does not let a batch be taken for stored', async () => {
    const epoch = (await redis.hget(meta, 'epoch')) ?? '';
    const batch = batchOf({ nodeId: NODE, epoch }, 4, [logLine(4)]);
    for (const seq of ['4', '9', '2000']) {
      await redis.hset(meta, 'seq', seq);
      expect(await store.append(batch)).toEqual({ kind: 'lost' });
    }
    await redis.del(list);
    expect(await store.append(batch)).toEqual({ kind: 'lost' });
    // A list that is gone has expired: the last batch may stand already, and the next one follows it.
    await redis.hset(meta, 'seq', '3');
    expect(await store.append(batchOf({ nodeId: NODE, epoch }, 3, [logLine(3)]))).toEqual({
      kind: 'duplicate',
    });
    expect(await store.append(batch)).toEqual({ kind: 'appended' });
  });

  test('an attempt that no owner can have reached stops no launch', async () => {
    const epoch = (await redis.hget(meta, 'epoch')) ?? '';
    await redis.hset(meta, 'attempt', '9');
    expect(await store.append(batchOf({ nodeId: NODE, epoch }, 4, [logLine(4)]))).toEqual({ kind: 'fenced' });
    await redis.hset(meta, 'attempt', '1002');
    expect(await store.append(batchOf({ nodeId: NODE, epoch }, 4, [logLine(4)]))).toEqual({ kind: 'lost' });
    expect(await store.claim(NODE, 1)).toMatchObject({
      lastSeq: 3,
      faults: [{ field: 'attempt', found: '1002' }],
    });
  });

  test('an owner continues after lost entries, which stay a gap, and begins anew where they are too many', async () => {
    await redis.hset(meta, 'seq', '5');
    const claim = await store.claim(NODE, 2);
    expect(claim).toMatchObject({ kind: 'claimed', lastSeq: 5, faults: [{ field: 'seq', found: '5' }] });
    const epoch = claim.kind === 'claimed' ? claim.epoch : '';
    await store.append(batchOf({ nodeId: NODE, epoch, attempt: 2 }, 6, [logLine(6)]));
    const { lines, faults } = await store.read(NODE, ALL);
    expect([lines, faults]).toEqual([[...logLines(1, 3), damagedLine(4), damagedLine(5), logLine(6)], []]);
    await redis.hset(meta, 'seq', '999999');
    expect(await store.claim(NODE, 3)).toMatchObject({ kind: 'claimed', lastSeq: 0 });
  });

  test('a wrong count of bytes costs no entry', async () => {
    await redis.hset(meta, 'bytes', '99999999999', 'cleared', 'x');
    const epoch = (await redis.hget(meta, 'epoch')) ?? '';
    expect(await store.append(batchOf({ nodeId: NODE, epoch }, 4, [logLine(4)]))).toEqual({
      kind: 'appended',
    });
    expect((await store.read(NODE, ALL)).lines).toEqual(logLines(1, 4));
    expect(await redis.hget(meta, 'bytes')).toBe(String(logLines(1, 4).join('').length));
  });

  test('does not end by a mark alone, and ends by its last entry also without it', async () => {
    await redis.hset(meta, 'closed', '1', 'terminal', logLine(9, { phase: 'failed' }));
    const epoch = (await redis.hget(meta, 'epoch')) ?? '';
    expect((await store.read(NODE, ALL)).closed).toBe(false);
    expect(await store.claim(NODE, 1)).toMatchObject({
      faults: [{ field: 'terminal' }, { field: 'closed' }],
    });
    expect(
      await store.append(batchOf({ nodeId: NODE, epoch }, 4, [terminalLine(4)], { terminal: true })),
    ).toEqual({
      kind: 'appended',
    });
    expect((await store.read(NODE, ALL)).closed).toBe(true);
    await redis.hdel(meta, 'closed', 'terminal');
    expect(await store.claim(NODE, 2)).toMatchObject({ terminal: { seq: 4, phase: 'active' } });
  });

  test('fails no question about other logs, and no removal', async () => {
    const others = ['a', 'b', 'c', 'd'];
    await redis.set(nodeLogKeys('a').meta, 'x');
    await redis.hset(nodeLogKeys('b').meta, 'epoch', 'x');
    await redis.set(nodeLogKeys('c').list, 'x');
    for (const nodeId of others) await store.read(nodeId, ALL);
    expect(
      await store.changed(others.map((nodeId) => ({ nodeId, epoch: undefined, lastSeq: 0 }))),
    ).not.toContain('d');
    for (const nodeId of others) await store.clear(nodeId);
    for (const nodeId of others) expect((await store.read(nodeId, ALL)).lines).toEqual([]);
  });

  test.each([
    ['the list is a string', () => redis.set(list, 'x')],
    ['the list is a hash', async () => (await redis.del(list), redis.hset(list, 'a', 'b'))],
    [
      'both are sets',
      async () => (await redis.del(list, meta), redis.sadd(list, 'x'), redis.sadd(meta, 'x')),
    ],
  ])('can be read, and begins again, when %s', async (_what, write) => {
    await write();
    expect((await store.read(NODE, ALL)).lines.filter((line) => !isDamagedLine(line))).toEqual([]);
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
