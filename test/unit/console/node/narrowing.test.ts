import { expect, test } from 'vitest';
import {
  isNarrowed,
  narrowedQuery,
  narrowingFacts,
  nodesPath,
  readNarrowing,
} from '@launchlog/console/node/narrowing/narrowing';

test('a link to the launches behind a number is read back as it was written', () => {
  const narrowing = {
    since: '2026-03-01T10:00:00.000Z',
    until: '2026-03-01T11:00:00.000Z',
    reason: 'quota',
    region: 'us-west-2',
    gpu: 'A100',
  } as const;
  const path = nodesPath(narrowing, { status: 'failed' });
  const search = new URL(path, 'http://host').searchParams;
  expect(search.get('status')).toBe('failed');
  expect(readNarrowing(search)).toEqual(narrowing);
  expect(narrowedQuery(narrowing)).toEqual({
    createdSince: narrowing.since,
    createdUntil: narrowing.until,
    reason: ['quota'],
    region: 'us-west-2',
    gpu: 'A100',
  });
  expect(narrowingFacts(narrowing)).toHaveLength(5);
  expect(nodesPath({})).toBe('/');
});

test('what the server would refuse is ignored', () => {
  const search = new URLSearchParams({ since: 'soon', until: '', reason: 'bogus', gpu: 'x'.repeat(65) });
  expect(isNarrowed(readNarrowing(search))).toBe(false);
  expect(narrowedQuery(readNarrowing(search))).toEqual({});
});
