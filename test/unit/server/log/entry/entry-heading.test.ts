import { expect, test } from 'vitest';
import { LOG_LEVELS, LOG_SOURCES, logEntrySchema, type LogEntryDraft } from '@launchlog/shared/log-entry';
import { PHASES } from '@launchlog/shared/phase';
import { plainHeading } from '@launchlog/server/log/entry/entry-heading';
import { entryLine, entryRest } from '@launchlog/server/log/entry/entry-line';

const TEXTS = [
  '',
  'plain',
  'a "quoted" \\ path',
  'tab\t and \u0001',
  'Zürich 東京 😀',
  '","phase":"active',
  '\u2028{}',
];
const TIMESTAMP = '2026-02-28T23:59:59.999Z';

function draftOf(index: number): LogEntryDraft {
  return {
    level: LOG_LEVELS[index % LOG_LEVELS.length] ?? 'info',
    message: TEXTS[index % TEXTS.length] ?? '',
    phase: PHASES[index % PHASES.length] ?? 'queued',
    source: LOG_SOURCES[index % LOG_SOURCES.length] ?? 'vllm',
    ...(index % 3 === 0 ? { progress: index % 101 } : {}),
  };
}

test('the heading of every entry without details is that of the parsed entry', () => {
  for (let seq = 1; seq <= 600; seq += 1) {
    const line = entryLine(seq, entryRest(draftOf(seq), TIMESTAMP));
    const { timestamp, level, phase, progress } = logEntrySchema.parse(JSON.parse(line));
    expect(plainHeading(line, seq)).toEqual({ timestamp, level, phase, progress });
  }
});

test('a line with a plain heading is an entry, wherever one character of it is another', () => {
  const lines = TEXTS.map((_, index) => entryLine(70 + index, entryRest(draftOf(index), TIMESTAMP)));
  const others = ['', '"', '\\', '\n', ' ', '0', '9', ',', '}', 'u', 'é'];
  for (const [index, line] of lines.entries()) {
    for (let at = 0; at < line.length; at += 1) {
      for (const other of others) {
        const changed = line.slice(0, at) + other + line.slice(at + 1);
        const heading = plainHeading(changed, 70 + index);
        if (heading === undefined) continue;
        const parsed: unknown = JSON.parse(changed);
        expect(logEntrySchema.parse(parsed)).toStrictEqual(parsed);
        expect(parsed).toMatchObject({ seq: 70 + index, timestamp: heading.timestamp, phase: heading.phase });
      }
    }
  }
});

test.each([
  ['another seq', 8, TIMESTAMP, ''],
  ['a day that there is not', 7, '2026-02-30T00:00:00.000Z', ''],
  ['more fields', 7, TIMESTAMP, ',"colour":"red"'],
  ['a progress above 100', 7, TIMESTAMP, ',"progress":101'],
  ['details', 7, TIMESTAMP, ',"details":{}'],
])('a line with %s is left to the parser', (_what, seq, timestamp, more) => {
  const rest = entryRest({ ...draftOf(1), phase: 'queued' }, timestamp);
  const plain = entryLine(7, rest);
  expect(plainHeading(plain.replace(/\}$/, `${more}}`), seq)).toBeUndefined();
});
