import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { gzippedPieces } from '@launchlog/server/http/gzipped-pieces';

const unhandled: unknown[] = [];
const keep = (reason: unknown): void => void unhandled.push(reason);

beforeEach(() => {
  unhandled.length = 0;
  process.on('unhandledRejection', keep);
});
afterEach(() => {
  process.off('unhandledRejection', keep);
});

/** Hardly compressible, so that there are several chunks to read. */
async function* noise(count: number, bytes: number): AsyncGenerator<string> {
  for (let piece = 0; piece < count; piece += 1) {
    await Promise.resolve();
    yield randomBytes(bytes).toString('base64');
  }
}

test('unpacks to what the source yielded', async () => {
  const pieces = ['one\n', 'two\n', ''];
  const packed: Uint8Array[] = [];
  for await (const chunk of gzippedPieces(pieces as unknown as AsyncIterable<string>)) packed.push(chunk);
  expect(gunzipSync(Buffer.concat(packed)).toString()).toBe('one\ntwo\n');
});

test.each([
  ['of a short log', 3, 300],
  ['whose source has ended', 12, 1_000],
  ['whose source has not ended', 50, 30_000],
])('a reader %s that leaves early leaves no rejection behind', async (_which, count, bytes) => {
  const packed = gzippedPieces(noise(count, bytes));
  expect((await packed.next()).done).toBe(false);
  await packed.return();
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
  expect(unhandled).toEqual([]);
});

test('a source whose reader has left is not read to its end', async () => {
  let read = 0;
  async function* endless(): AsyncGenerator<string> {
    for (; read < 1_000; read += 1) {
      await nextTurn();
      yield randomBytes(30_000).toString('base64');
    }
  }
  const packed = gzippedPieces(endless());
  await packed.next();
  await packed.return();
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
  const readUntilThen = read;
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
  expect(read).toBe(readUntilThen);
});
