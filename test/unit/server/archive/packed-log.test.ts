import { createHash, randomBytes } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { packLog, sha256Of, unpackLog } from '@launchlog/server/archive/packed-log';
import { heavyWork } from '@launchlog/server/wait/fair-turns';

const LINES = Array.from({ length: 12_345 }, (_, index) =>
  JSON.stringify({ seq: index + 1, message: `line ${index} ${'ä€😀'.repeat(index % 40)}` }),
);

test('a log that is packed piece by piece has the bytes of one that is packed at once', async () => {
  const text = Buffer.from(LINES.map((line) => `${line}\n`).join(''));
  const { packed, sha256, unpackedBytes } = await packLog(LINES);
  expect(unpackedBytes).toBe(text.length);
  expect(sha256).toBe(createHash('sha256').update(packed).digest('hex'));
  expect(gunzipSync(packed).equals(text)).toBe(true);
  expect(Buffer.from(packed).equals(gzipSync(text))).toBe(true);
});

test('long lines are encoded, and large archives hashed, a bounded part in each turn of the event loop', async () => {
  const turn = vi.spyOn(heavyWork, 'turn');
  const long = Array.from({ length: 40 }, () => 'x'.repeat(60_000));
  const { packed } = await packLog(long);
  // Four lines a turn, and one turn for the hash.
  expect(turn).toHaveBeenCalledTimes(11);
  expect(await unpackLog(packed)).toEqual(long);
  turn.mockClear();
  const large = randomBytes(5 * 1024 * 1024);
  expect(await sha256Of(large)).toBe(createHash('sha256').update(large).digest('hex'));
  expect(turn).toHaveBeenCalledTimes(5);
  turn.mockRestore();
});

test.each([[[]], [['{}']], [LINES]])('what was packed is unpacked', async (lines) => {
  expect(await unpackLog((await packLog(lines)).packed)).toEqual(lines);
});

test('anything but a packed log is refused', async () => {
  const { packed } = await packLog(LINES);
  await expect(unpackLog(Buffer.from('no gzip'))).rejects.toThrow('incorrect header check');
  await expect(unpackLog(packed.subarray(0, packed.length / 2))).rejects.toThrow('unexpected end of file');
  await expect(unpackLog(packed.subarray(0, -4))).rejects.toThrow('unexpected end of file');
});

test.each([
  { title: 'endless lines', text: 'x' },
  { title: 'endless entries', text: '\n' },
])('a file that unpacks to $title is refused', async ({ text }) => {
  const bomb = gzipSync(Buffer.alloc(8 * 1024 * 1024, text));
  await expect(unpackLog(bomb)).rejects.toThrow('more than a log can hold');
});
