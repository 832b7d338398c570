import { describe, expect, test } from 'vitest';
import {
  encodeHeader,
  encodeNode,
  formatMergedCursor,
  parseMergedCursor,
  ShortCursors,
} from '@launchlog/server/merged-feed/merged-cursor';

const SCOPE = { tenantId: 'acme' };
const NODE = '550e8400-e29b-41d4-a716-446655440000';
const OTHER = '6ba7b810-9dad-41d1-80b4-00c04fd430c8';
const PLACE = { bornAtMs: 1_700_000_000_000, markMs: 1_700_000_000_500 };
const CURSORS = ['0123456789abcdef:300', 'fedcba9876543210:7:done'] as const;
const long = formatMergedCursor(encodeHeader(SCOPE, PLACE), [
  encodeNode(NODE, CURSORS[0]),
  encodeNode(OTHER, CURSORS[1]),
]);
const short = new ShortCursors(SCOPE, '0123456789abcdef').after(300);
const bytesOf = (cursor: string) => Buffer.from(cursor, 'base64url');
const parsed = (bytes: Buffer) => parseMergedCursor(SCOPE, bytes.toString('base64url'));

describe('the cursor of a stream of many logs', () => {
  test('holds the position itself, or names a record that holds it', () => {
    const nodes = new Map([
      [NODE, CURSORS[0]],
      [OTHER, CURSORS[1]],
    ]);
    expect(parseMergedCursor(SCOPE, long)).toEqual({ kind: 'position', position: { ...PLACE, nodes } });
    expect(parseMergedCursor(SCOPE, short)).toEqual({ kind: 'saved', name: '0123456789abcdef', steps: 300 });
    expect(parseMergedCursor(SCOPE, new ShortCursors(SCOPE).after(0))).toEqual({ kind: 'beginning' });
  });

  test.each([{}, { tenantId: 'rival' }, { deploymentId: 'acme' }, { ...SCOPE, deploymentId: 'chat' }])(
    'is no cursor of the stream of %j',
    (scope) => {
      expect(parseMergedCursor(scope, long)).toBeUndefined();
      expect(parseMergedCursor(scope, short)).toBeUndefined();
    },
  );

  test.each(['', 'x', '!', `${long}=`, `${long} `, `${short}\n`, long.replace(/^./, 'z')])(
    'is not %j, which nothing here wrote',
    (text) => {
      expect(parseMergedCursor(SCOPE, text)).toBeUndefined();
    },
  );

  test('is refused where it is cut anywhere but behind a node', () => {
    const whole = bytesOf(long);
    const header = encodeHeader(SCOPE, PLACE).length;
    const first = header + encodeNode(NODE, CURSORS[0]).length;
    const lengths = Array.from({ length: whole.length }, (_, length) => length);
    const accepted = lengths.filter((length) => parsed(whole.subarray(0, length)) !== undefined);
    expect(accepted).toEqual([header, first]);
  });

  test('that names a record is refused where it is cut, or anything follows', () => {
    const whole = bytesOf(short);
    for (let length = 0; length < whole.length; length += 1) {
      expect(parsed(whole.subarray(0, length))).toBeUndefined();
    }
    expect(parsed(Buffer.concat([whole, Buffer.from([0])]))).toBeUndefined();
  });

  test('is not made of a text that is not the cursor of a log', () => {
    expect(() => encodeNode(NODE, 'x:1')).toThrow('not a cursor: x:1');
  });

  test('holds no position beyond what a log can have', () => {
    const node = Buffer.concat([Buffer.alloc(24), Buffer.from([255, 255, 255, 255, 255, 255, 127])]);
    expect(parsed(Buffer.concat([encodeHeader(SCOPE, PLACE), node]))).toBeUndefined();
  });
});
