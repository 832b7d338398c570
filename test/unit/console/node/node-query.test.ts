import { describe, expect, test } from 'vitest';
import { readNodeQuery, selectNodes, writeNodeQuery } from '@launchlog/console/node/node-query';
import { sampleNode } from '../../../support/sample-node.js';

const NOW = Date.parse('2026-01-01T01:00:00.000Z');
const nodes = [
  sampleNode({
    clusterName: 'old',
    createdAt: '2026-01-01T00:00:00.000Z',
    status: 'active',
    provider: 'gcp',
  }),
  sampleNode({
    clusterName: 'new',
    createdAt: '2026-01-01T00:50:00.000Z',
    eta: { seconds: 10, samples: 5 },
  }),
  sampleNode({
    clusterName: 'mid',
    createdAt: '2026-01-01T00:30:00.000Z',
    status: 'failed',
    modelName: 'Qwen/Q',
  }),
];
const names = (search: string) =>
  selectNodes(nodes, readNodeQuery(new URLSearchParams(search)), NOW).map((node) => node.clusterName);

describe('the table of nodes', () => {
  test.each([
    ['', ['new', 'mid', 'old']],
    ['dir=desc', ['old', 'mid', 'new']],
    ['sort=name', ['mid', 'new', 'old']],
    ['status=active,failed', ['mid', 'old']],
    ['provider=gcp', ['old']],
    ['q=qwen', ['mid']],
    ['q=qwen+gcp', []],
    ['status=bogus&sort=bogus', ['new', 'mid', 'old']],
  ])('%j shows %j', (search, expected) => {
    expect(names(search)).toEqual(expected);
  });

  test('unknown values come last in both directions', () => {
    expect(names('sort=eta')[0]).toBe('new');
    expect(names('sort=eta&dir=desc')[0]).toBe('new');
  });

  test('a query is read back as it was written, and defaults are left out of the URL', () => {
    const search = { status: 'active,failed', provider: 'aws', q: 'a b', sort: 'cost', dir: 'desc' };
    expect(writeNodeQuery(readNodeQuery(new URLSearchParams(search)))).toEqual(search);
    const plain = writeNodeQuery(readNodeQuery(new URLSearchParams()));
    expect(Object.values(plain).every((value) => value === '')).toBe(true);
  });
});
