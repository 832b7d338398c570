import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineSplitter } from '@launchlog/server/orchestrator/output/line-splitter';
import { UNREDACTED_CUT } from '@launchlog/server/redaction/cut-mark';

const TEXT = 'one\r\ntwo\nthree\rfour\r\r\n\näöü 漢字 🚀\r\nlast';
const LINES = ['one', 'two', 'three', 'four', '', '', 'äöü 漢字 🚀', 'last'];

function split(chunks: readonly Uint8Array[], capBytes?: number): string[] {
  const splitter = new LineSplitter(capBytes);
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
}

describe('LineSplitter', () => {
  test('ends a line at \\n, \\r\\n and \\r', () => {
    expect(split([Buffer.from(TEXT)])).toEqual(LINES);
  });

  test('gives the same lines wherever the bytes are cut in two, even inside a character or \\r\\n', () => {
    const bytes = Buffer.from(TEXT);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      expect(split([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(LINES);
    }
  });

  test('gives the same lines byte by byte', () => {
    expect(split([...Buffer.from(TEXT)].map((byte) => Uint8Array.of(byte)))).toEqual(LINES);
  });

  test('gives the same lines for any bytes and any cuts', () => {
    const bytes = fc.array(fc.constantFrom(0x0a, 0x0d, 0x61, 0xc3, 0xa4, 0xf0, 0x9f), { maxLength: 60 });
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(60), { maxLength: 6 }), (all, cuts) => {
        const whole = Uint8Array.from(all);
        const places = [0, ...cuts.map((cut) => Math.min(cut, whole.length)), whole.length].toSorted(
          (a, b) => a - b,
        );
        const chunks = places.slice(1).map((place, at) => whole.slice(places[at], place));
        expect(split(chunks, 16)).toEqual(split([whole], 16));
      }),
    );
  });

  test('returns a complete line at once and holds back an incomplete one', () => {
    const splitter = new LineSplitter();
    expect(splitter.push(Buffer.from('a\nb'))).toEqual(['a']);
    expect(splitter.push(Buffer.from('c\n'))).toEqual(['bc']);
    expect(splitter.end()).toEqual([]);
  });

  test('marks a line that is cut at the cap, continues after it, and holds no more than the cap', () => {
    expect(split([Buffer.from(`${'x'.repeat(100)}\nnext`)], 10)).toEqual([
      `${'x'.repeat(10)}${UNREDACTED_CUT}`,
      'next',
    ]);
    expect(split([Buffer.from('x'.repeat(10)), Buffer.from('\n')], 10)).toEqual(['x'.repeat(10)]);
  });

  test('removes the mark of a cut from output that was not cut', () => {
    expect(split([Buffer.from(`a${UNREDACTED_CUT}b\n`)])).toEqual(['ab']);
  });

  test.each([8, 9, 10, 11, 12])('does not cut a character in two at a cap of %i bytes', (cap) => {
    const [line = ''] = split([Buffer.from('ab漢字🚀漢\n')], cap);
    expect(line.endsWith(UNREDACTED_CUT)).toBe(true);
    expect(line).not.toContain('\ufffd');
  });

  test('does not keep the caller’s buffer', () => {
    const splitter = new LineSplitter();
    const buffer = Buffer.from('ab');
    splitter.push(buffer);
    buffer.fill('z');
    expect(splitter.push(Buffer.from('\n'))).toEqual(['ab']);
  });
});
