import { describe, expect, it } from 'vitest';
import { UNBORN_EPOCH } from '@launchlog/shared/cursor';
import {
  begin,
  beginAbsent,
  close,
  cursorOf,
  replace,
  skipTo,
  take,
  UNREAD,
  vanish,
} from '@launchlog/server/feed/known-log';
import { logItems } from '@launchlog/server/feed/log-item';
import { logLine } from '../../../support/log/log-lines.js';

const EPOCH = 'a'.repeat(16);
const NEXT_EPOCH = 'b'.repeat(16);
const FOUND = { epoch: EPOCH, firstSeq: 3, reset: 'lost' } as const;
const OPEN_AT_7 = begin(UNREAD, FOUND, 7);

function items(firstSeq: number, ...lines: readonly string[]) {
  return logItems({ epoch: EPOCH, firstSeq, lines, before: undefined });
}

describe('the log of a head', () => {
  it('begins where the history ends', () => {
    expect(OPEN_AT_7).toMatchObject({ kind: 'open', epoch: EPOCH, firstSeq: 3, seq: 7, generation: 0 });
    expect(cursorOf(OPEN_AT_7)).toBe(`${EPOCH}:7`);
  });

  it('follows its entries and remembers phase and progress of the last one', () => {
    const taken = take(OPEN_AT_7, items(8, logLine(8, { progress: 20 }), logLine(9)));
    expect(taken).toMatchObject({ kind: 'open', seq: 9, standing: { phase: 'provisioning', progress: 20 } });
    expect(take(taken, [])).toBe(taken);
  });

  it('is closed by its terminal entry', () => {
    const taken = take(OPEN_AT_7, items(8, logLine(8, { phase: 'failed' })));
    expect(taken).toMatchObject({ kind: 'closed', seq: 8, terminal: { seq: 8, phase: 'failed' } });
    expect(close(taken)).toBe(taken);
  });

  it('can be closed although its terminal entry is gone', () => {
    expect(close(OPEN_AT_7)).toEqual({
      kind: 'closed',
      ...FOUND,
      generation: 0,
      seq: 7,
      terminal: undefined,
    });
  });

  it('does not know phase and progress behind a gap', () => {
    const taken = take(OPEN_AT_7, items(8, logLine(8, { progress: 20 })));
    expect(skipTo(taken, 30)).toMatchObject({ kind: 'open', seq: 30, standing: undefined });
  });

  it('keeps the cursor of a log that vanished until the next one begins', () => {
    const gone = vanish(OPEN_AT_7, 'cleared');
    expect(gone).toMatchObject({ kind: 'absent', epoch: UNBORN_EPOCH, seq: 0, firstSeq: 1, generation: 1 });
    expect(cursorOf(gone)).toBe(`${EPOCH}:7`);
    const next = replace(gone, { epoch: NEXT_EPOCH, firstSeq: 5, reset: 'cleared' });
    expect(cursorOf(next)).toBe(`${NEXT_EPOCH}:0`);
  });

  it('starts another generation each time it is replaced or vanishes', () => {
    const generations = [
      replace(OPEN_AT_7, { ...FOUND, epoch: NEXT_EPOCH }),
      vanish(OPEN_AT_7, 'lost'),
      replace(beginAbsent(UNREAD, 'lost'), FOUND),
    ].map(({ generation }) => generation);
    expect(generations).toEqual([1, 1, 1]);
  });

  it('is read from its oldest entry where it replaces another one, and from the first where none was there', () => {
    expect(replace(OPEN_AT_7, { ...FOUND, epoch: NEXT_EPOCH }).seq).toBe(2);
    expect(replace(beginAbsent(UNREAD, 'lost'), FOUND).seq).toBe(0);
  });
});
