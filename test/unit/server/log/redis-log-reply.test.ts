import { expect, test } from 'vitest';
import { parseMessage } from '@launchlog/server/log/redis-log-reply';
import { logLine, logLines } from '../../../support/log/log-lines.js';

const EPOCH = '00112233aabbccdd';

test('an announcement of the owner has the entries of one batch', () => {
  const lines = logLines(4, 6);
  expect(parseMessage(Buffer.from(`${EPOCH}:${lines.join('\n')}`))).toEqual({
    kind: 'appended',
    epoch: EPOCH,
    firstSeq: 4,
    lines,
  });
  expect(parseMessage(Buffer.from('cleared'))).toEqual({ kind: 'cleared' });
});

test.each([
  ['empty', ''],
  ['a word', 'x'],
  ['null', 'null'],
  ['an epoch alone', `${EPOCH}:`],
  ['an entry without the mark after its epoch', `${EPOCH};${logLine(4)}`],
  ['entries with a hole between them', `${EPOCH}:${logLine(4)}\n${logLine(9)}`],
  ['an entry twice', `${EPOCH}:${logLine(4)}\n${logLine(4)}`],
  ['an entry and a line of an event stream', `${EPOCH}:${logLine(4)}\nevent: done`],
  ['a number alone', `${EPOCH}:{"seq":4}`],
  ['larger than an entry can be', `${EPOCH}:{"seq":4,"x":"${'x'.repeat(2 ** 21)}"}`],
  ['of a number that is none', `${EPOCH}:{"seq":99999999999999999999,`],
])('a message that is %s is only a reason to read the log', (_, message) => {
  expect(parseMessage(Buffer.from(message))).toEqual({ kind: 'resumed' });
});
