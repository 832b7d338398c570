import { describe, expect, it } from 'vitest';
import { nodeLogKeys } from '@launchlog/server/redis/keys';

describe('the keys of a log', () => {
  it('are the documented list and companions with the list as their hash tag', () => {
    expect(nodeLogKeys('abc')).toEqual({
      list: 'node_logs:abc',
      meta: '{node_logs:abc}:meta',
      channel: '{node_logs:abc}:live',
    });
  });

  it.each(['', 'a{b}c', 'a:b', 'a b', 'a\nb', '*', 'x'.repeat(65)])('are not made of %j', (nodeId) => {
    expect(() => nodeLogKeys(nodeId)).toThrow('node id');
  });
});
