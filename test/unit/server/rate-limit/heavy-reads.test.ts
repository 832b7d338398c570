import { expect, test } from 'vitest';
import { HeavyReads } from '@launchlog/server/rate-limit/heavy-reads';
import { FakeClock } from '../../../support/fake/fake-clock.js';

/** Reads that end when the test ends them. */
class HeldReads {
  readonly clock = new FakeClock();
  readonly begun: string[] = [];
  readonly #reads = new HeavyReads(this.clock);
  readonly #ends: (() => void)[] = [];

  ask(caller: string): Promise<void> {
    return this.#reads.run(caller, () => {
      this.begun.push(caller);
      return new Promise((resolve) => this.#ends.push(resolve));
    });
  }

  /** Ends the first ones at the same moment. */
  async endFirst(count = 1): Promise<void> {
    for (const end of this.#ends.splice(0, count)) end();
    for (let turn = 0; turn < 9; turn += 1) await Promise.resolve();
  }
}

test('two reads of one caller run at a time, and the next one runs when one of them ends', async () => {
  const held = new HeldReads();
  for (let count = 0; count < 4; count += 1) void held.ask('a');
  expect(held.begun).toEqual(['a', 'a']);
  await held.endFirst();
  expect(held.begun).toHaveLength(3);
});

test('two reads of one caller run at a time also where two end at the same moment', async () => {
  const held = new HeldReads();
  for (let count = 0; count < 3; count += 1) void held.ask('a');
  await held.endFirst(2);
  expect(held.begun).toHaveLength(3);
  for (let count = 0; count < 3; count += 1) void held.ask('a');
  expect(held.begun).toHaveLength(4);
});

test('a caller with nothing that waits keeps nobody from a turn', async () => {
  const held = new HeldReads();
  for (const caller of ['a', 'a', 'b', 'b', 'c', 'c']) void held.ask(caller);
  void held.ask('d');
  await held.endFirst();
  expect(held.begun.slice(6)).toEqual(['d']);
});

test('a caller with two running reads gets no third one when a read of somebody else ends', async () => {
  const held = new HeldReads();
  for (const caller of ['b', 'a', 'a', 'a']) void held.ask(caller);
  await held.endFirst();
  expect(held.begun).toEqual(['b', 'a', 'a']);
});

test('another caller runs at once, whatever one caller has waiting', () => {
  const held = new HeldReads();
  for (let count = 0; count < 18; count += 1) void held.ask('greedy');
  void held.ask('other');
  expect(held.begun).toEqual(['greedy', 'greedy', 'other']);
});

test('when all places are taken, callers get their turns one after the other', async () => {
  const held = new HeldReads();
  for (const caller of ['a', 'a', 'b', 'b', 'c', 'c']) void held.ask(caller);
  for (const caller of ['a', 'a', 'd', 'e']) void held.ask(caller);
  expect(held.begun).toHaveLength(6);
  for (let count = 0; count < 5; count += 1) await held.endFirst();
  expect(held.begun.slice(6).toSorted()).toEqual(['a', 'a', 'd', 'e']);
  expect(held.begun.slice(6, 9)).toEqual(expect.arrayContaining(['d', 'e']));
});

test('a caller with too many waiting reads is refused at once, with the number and when to try again', async () => {
  const held = new HeldReads();
  for (let count = 0; count < 18; count += 1) void held.ask('a').catch(() => undefined);
  await expect(held.ask('a')).rejects.toMatchObject({
    code: 'rate_limited',
    message: expect.stringContaining('18') as string,
    retryAfterSeconds: 2,
  });
});

test('a read whose turn does not come within 10 s is refused, and does not run later', async () => {
  const held = new HeldReads();
  void held.ask('a');
  void held.ask('a');
  const third = held.ask('a').catch((error: unknown) => error);
  await held.clock.advance(10_000);
  expect(await third).toMatchObject({ code: 'unavailable' });
  await held.endFirst();
  expect(held.begun).toHaveLength(2);
});

test('a read that fails makes room like any other', async () => {
  const reads = new HeavyReads(new FakeClock());
  const failed = Array.from({ length: 10 }, () => reads.run('a', () => Promise.reject(new Error('no'))));
  expect((await Promise.allSettled(failed)).map(({ status }) => status)).toEqual(Array(10).fill('rejected'));
  expect(await reads.run('a', () => Promise.resolve(1))).toBe(1);
});
