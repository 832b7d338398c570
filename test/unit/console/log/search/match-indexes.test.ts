import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogRow } from '@launchlog/console/log/line/log-row';
import { MatchIndexes } from '@launchlog/console/log/search/match-indexes';

const rowOf = (id: number): LogRow => ({
  kind: 'mark',
  id,
  nodeId: 'one',
  timeMs: 0,
  tone: 'info',
  text: '',
});

describe('match indexes', () => {
  test('updated line by line equal a scan of all rows, whatever is searched in whatever order', () => {
    const ids = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 40 });
    const step = fc.record({
      searched: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 8 }),
      match: fc.boolean(),
    });
    fc.assert(
      fc.property(ids, fc.array(step, { maxLength: 12 }), (shown, steps) => {
        const rows = shown.toSorted((one, other) => one - other).map(rowOf);
        const matching = new Set<number>();
        const kept = new MatchIndexes((id) => matching.has(id));
        for (const { searched, match } of steps) {
          for (const id of searched)
            if (match) matching.add(id);
            else matching.delete(id);
          kept.update(rows, searched);
          expect(kept.indexes).toEqual(rows.flatMap((row, index) => (matching.has(row.id) ? [index] : [])));
        }
        const walked = new MatchIndexes((id) => matching.has(id));
        walked.rebuild(rows);
        expect(kept.indexes).toEqual(walked.indexes);
      }),
    );
  });
});
