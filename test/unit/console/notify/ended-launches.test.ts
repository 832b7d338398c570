import { describe, expect, test } from 'vitest';
import { EndedLaunches } from '@launchlog/console/notify/ended-launches';
import { sampleNode } from '../../../support/sample/sample-node.js';

describe('launches that end', () => {
  test('are reported once, and only if they were seen running', () => {
    const ended = new EndedLaunches();
    const node = sampleNode();
    const old = sampleNode({ id: '00000000-0000-4000-8000-000000000000', status: 'failed' });
    expect(ended.update([node, old])).toEqual([]);
    const active = { ...node, status: 'active' as const };
    expect(ended.update([active, old])).toEqual([active]);
    expect(ended.update([active, old])).toEqual([]);
  });
});
