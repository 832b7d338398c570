import { expect, test } from 'vitest';
import { UnknownWords } from '@launchlog/server/node/word/unknown-words';

const ROW = {
  id: 'n',
  status: 'terminated',
  phase: 'failed',
  provider: 'aws',
  orchestrator: 'simulated',
  failureReason: null,
  health: null,
  lossReason: null,
};

function seen(...rows: readonly Partial<typeof ROW | Record<keyof typeof ROW, string>>[]): string[] {
  const found: string[] = [];
  const words = new UnknownWords(({ field, word, nodeId }) => found.push(`${field} ${word} ${nodeId}`));
  for (const row of rows) words.look({ ...ROW, ...row });
  return found;
}

test('words of this release are not reported, and absent ones neither', () => {
  expect(seen({}, { failureReason: 'quota', health: 'healthy', lossReason: 'preempted' })).toEqual([]);
});

test.each(['status', 'phase', 'provider', 'orchestrator', 'failureReason', 'health', 'lossReason'])(
  'an unknown word for %s is reported once, with the first node that has it',
  (field) => {
    const rows = ['a', 'b', 'c'].map((id) => ({ id, [field]: id === 'c' ? 'another' : 'new' }));
    expect(seen(...rows, ...rows)).toEqual([`${field} new a`, `${field} another c`]);
  },
);

test('a table full of strange words costs a bounded number of reports, each of bounded length', () => {
  const reports = seen(...Array.from({ length: 500 }, (_, at) => ({ status: `${at}`.padEnd(10_000, 'x') })));
  expect(reports).toHaveLength(100);
  expect(Math.max(...reports.map(({ length }) => length))).toBeLessThan(120);
});
