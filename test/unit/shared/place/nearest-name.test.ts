import { expect, test } from 'vitest';
import { nearestName } from '@launchlog/shared/place/nearest-name';

const KNOWN = ['tail', 'follow', 'since', 'until', 'cursor', 'node_id', 'q', 'lastEventId'];

test.each([
  ['tial', 'tail'],
  ['TAIL', 'tail'],
  ['folow', 'follow'],
  ['nodeId', 'node_id'],
  ['last-event-id', 'lastEventId'],
  ['cusror', 'cursor'],
  ['sinced', 'since'],
  ['x', undefined],
  ['utm_source', undefined],
  ['', undefined],
  ['lasxEvexxId', undefined],
  ['tail'.repeat(1_000), undefined],
])('%s probably meant %s', (given, meant) => {
  expect(nearestName(given, KNOWN)).toBe(meant);
});

test('a name that is longer than any of ours is not compared with them', () => {
  expect(nearestName('a'.repeat(64), ['a'.repeat(64)])).toBeDefined();
  expect(nearestName('a'.repeat(65), ['a'.repeat(64)])).toBeUndefined();
});
