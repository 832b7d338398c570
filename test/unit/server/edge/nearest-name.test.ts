import { expect, test } from 'vitest';
import { nearestName } from '@launchlog/server/edge/nearest-name';

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
  ['tail'.repeat(1_000), undefined],
])('%s probably meant %s', (given, meant) => {
  expect(nearestName(given, KNOWN)).toBe(meant);
});
