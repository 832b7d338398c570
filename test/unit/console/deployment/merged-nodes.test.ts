import { describe, expect, test } from 'vitest';
import { MERGED_NODES_MAX, mergedNodes } from '@launchlog/console/deployment/merged-nodes';
import { sampleNode } from '../../../support/sample-node.js';

const node = (index: number, status: 'launching' | 'active') =>
  sampleNode({ id: `n${index}`, status, createdAt: new Date(index * 1_000).toISOString() });

describe('a merged log', () => {
  test('of more nodes than it can hold follows launching ones first, then the newest', () => {
    const nodes = Array.from({ length: 60 }, (_, index) => node(index, index === 3 ? 'launching' : 'active'));
    const { followed, left } = mergedNodes(nodes, new Set());
    expect(followed).toHaveLength(MERGED_NODES_MAX);
    expect(followed.slice(0, 2).map(({ id }) => id)).toEqual(['n3', 'n59']);
    expect(left).toBe(20);
  });

  test('keeps a node it has shown, although its launch has ended', () => {
    const nodes = Array.from({ length: 60 }, (_, index) => node(index, 'active'));
    expect(mergedNodes(nodes, new Set(['n0'])).followed[0]?.id).toBe('n0');
  });
});
