import { expect, test } from 'vitest';
import { SharedReads } from '@launchlog/server/wait/shared-reads';

/** Reads that the test answers, in the order in which they began. */
function start() {
  const begun: { readonly key: string; answer(value: string): void; fail(error: Error): void }[] = [];
  const reads = new SharedReads(
    (key) => new Promise<string>((resolve, reject) => begun.push({ key, answer: resolve, fail: reject })),
  );
  return { reads, begun };
}

test('callers that come while a key is read share one more read of it, which begins when the first has ended', async () => {
  const { reads, begun } = start();
  const first = reads.of('a');
  const later = [reads.of('a'), reads.of('a'), reads.of('a')];
  expect(begun).toHaveLength(1);
  begun[0]?.answer('before');
  expect(await first).toBe('before');
  expect(begun).toHaveLength(2);
  // What changed after the first read had begun is in their answer.
  begun[1]?.answer('after');
  expect(await Promise.all(later)).toEqual(['after', 'after', 'after']);
  expect(begun).toHaveLength(2);
});

test('keys do not wait for each other', async () => {
  const { reads, begun } = start();
  const [stuck, other] = [reads.of('a'), reads.of('b')];
  begun[1]?.answer('of b');
  expect(await other).toBe('of b');
  begun[0]?.answer('of a');
  expect(await stuck).toBe('of a');
});

test('a read that fails fails its callers only', async () => {
  const { reads, begun } = start();
  const failing = reads.of('a');
  const next = reads.of('a');
  begun[0]?.fail(new Error('away'));
  await expect(failing).rejects.toThrow('away');
  begun[1]?.answer('back');
  expect(await next).toBe('back');
  const afterwards = reads.of('a');
  begun[2]?.answer('still back');
  expect(await afterwards).toBe('still back');
});
