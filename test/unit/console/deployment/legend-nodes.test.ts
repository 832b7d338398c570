import { describe, expect, test } from 'vitest';
import { LEGEND_NODES_MAX, legendNodes } from '@launchlog/console/deployment/legend-nodes';
import { sampleNode } from '../../../support/sample/sample-node.js';

const node = (index: number, phase: 'queued' | 'installing' | 'active') =>
  sampleNode({
    id: `n${index}`,
    status: phase === 'active' ? 'active' : 'launching',
    phase,
    createdAt: new Date(index * 1_000).toISOString(),
  });

describe('the legend of a merged log', () => {
  const nodes = Array.from({ length: 60 }, (_, index) =>
    node(index, index === 3 ? 'installing' : index === 7 ? 'queued' : 'active'),
  );

  test('names running launches first, then queued ones, then the newest nodes, and counts the rest', () => {
    const { named, left } = legendNodes(nodes, new Set(nodes.map(({ id }) => id)));
    expect(named).toHaveLength(LEGEND_NODES_MAX);
    expect(named.slice(0, 3).map(({ id }) => id)).toEqual(['n3', 'n7', 'n59']);
    expect(left).toBe(20);
  });

  test('names only nodes whose lines are in the log', () => {
    expect(legendNodes(nodes, new Set(['n5', 'unknown']))).toMatchObject({ named: [{ id: 'n5' }], left: 0 });
  });
});
