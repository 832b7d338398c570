import { expect, test } from 'vitest';
import { listQueryOf, readNodeQuery, writeNodeQuery } from '@launchlog/console/node/node-query';

test.each([
  ['', { sort: 'live', counts: true }],
  ['sort=age', { sort: 'age', direction: 'asc', counts: true }],
  ['sort=phase&dir=desc', { sort: 'progress', direction: 'desc', counts: true }],
  [
    'status=active,failed&provider=gcp',
    { status: ['active', 'failed'], provider: 'gcp', sort: 'live', counts: true },
  ],
  ['q=+qwen+gcp+', { q: 'qwen gcp', sort: 'live', counts: true }],
  ['status=bogus&sort=bogus&provider=bogus', { sort: 'live', counts: true }],
])('the address %j asks the server for %j', (search, expected) => {
  expect(listQueryOf(readNodeQuery(new URLSearchParams(search)))).toEqual(expected);
});

test('a query is read back as it was written, and defaults are left out of the URL', () => {
  const search = { status: 'active,failed', provider: 'aws', q: 'a b', sort: 'cost', dir: 'desc' };
  expect(writeNodeQuery(readNodeQuery(new URLSearchParams(search)))).toEqual(search);
  const plain = writeNodeQuery(readNodeQuery(new URLSearchParams()));
  expect(Object.values(plain).every((value) => value === '')).toBe(true);
});
