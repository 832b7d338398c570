import { expect, test } from 'vitest';
import { resetReason, resumePoint } from '@launchlog/server/log/log-resume';
import { UNBORN_EPOCH } from '@launchlog/shared/cursor';

const OLD = 'a'.repeat(16);
const NOW = 'b'.repeat(16);
const LOG = { epoch: NOW, firstSeq: 11, lastSeq: 20 };
const cursorAt = (epoch: string, seq: number) => ({ epoch, seq, done: false });

test('a cursor of this log continues after its entry, whether that is held or not', () => {
  expect(resumePoint(cursorAt(NOW, 15), LOG)).toEqual({ afterSeq: 15, isReset: false });
  expect(resumePoint(cursorAt(NOW, 20), LOG)).toEqual({ afterSeq: 20, isReset: false });
  expect(resumePoint(cursorAt(NOW, 2), LOG)).toEqual({ afterSeq: 2, isReset: false });
});

test('a cursor from before the log began continues at its first entry, without a reset', () => {
  expect(resumePoint(cursorAt(UNBORN_EPOCH, 0), LOG)).toEqual({ afterSeq: 0, isReset: false });
});

test('a cursor of another log, or ahead of this one, is reset to the oldest entry held', () => {
  expect(resumePoint(cursorAt(OLD, 15), LOG)).toEqual({ afterSeq: 10, isReset: true });
  expect(resumePoint(cursorAt(NOW, 21), LOG)).toEqual({ afterSeq: 10, isReset: true });
});

test.each([
  ['expired', 'the store has forgotten the log of a launch that has ended', {}, false],
  ['lost', 'the store has forgotten the log of a running launch', {}, true],
  ['cleared', 'an operator has emptied the log', { epoch: OLD, cleared: true }, true],
  ['cleared', 'the log began again after it was cleared', { epoch: NOW, began: 'cleared' }, true],
  ['lost', 'the log began again after it was lost', { epoch: NOW, began: 'lost' }, false],
  ['lost', 'the log is the first one the store knows', { epoch: NOW, began: 'new' }, false],
  ['lost', 'the log of this very epoch has lost entries', { epoch: OLD, began: 'cleared' }, true],
] as const)('the reason is %s where %s', (reason, _why, log, launchRuns) => {
  const view = { epoch: undefined, cleared: false, began: 'new' as const, ...log };
  expect(resetReason(view, { epoch: OLD, launchRuns })).toBe(reason);
});
