import { parse } from 'yaml';
import { expect, test } from 'vitest';
import { countsLine } from '@launchlog/sdk/cli/screen/counts-line';
import { listOutput } from '@launchlog/sdk/cli/output/list-output';
import { Style } from '@launchlog/sdk/cli/screen/style';
import { sampleNode } from '../../../../support/sample/sample-node.js';

const NOW = Date.parse('2026-01-02T12:00:00Z');
const none = { launching: 0, active: 0, failed: 0, terminating: 0, terminated: 0, lost: 0 };
const counts = { total: 5_000, statuses: { ...none, launching: 12, active: 3_200, terminated: 1_788 } };
const nodes = [sampleNode({ failureMessage: 'No quota: "A100"\u001b[2J\n- x', attempts: [] }), sampleNode()];
const page = { nodes, nextCursor: 'next', counts };
const options = { style: new Style(false), nowMs: NOW };

test('json and yaml are what REST answers, and harmless for a terminal', () => {
  const json = listOutput(page, { ...options, output: 'json' });
  const answer = JSON.parse(json) as { nodes: Record<string, unknown>[] };
  expect(answer).toMatchObject({ count: 2, next_cursor: 'next', counts });
  expect(answer.nodes[0]).toMatchObject({ id: nodes[0]!.id, cluster_name: nodes[0]!.clusterName });
  const yaml = listOutput(page, { ...options, output: 'yaml' });
  expect(parse(yaml)).toEqual(answer);
  expect(json + yaml).not.toContain('\u001b');
});

test('name prints one name in each line', () => {
  expect(listOutput(page, { ...options, output: 'name' })).toBe(
    nodes.map((node) => node.clusterName).join('\n'),
  );
});

test('a table ends with exact counts, and shows where there are more', () => {
  const lines = listOutput(page, { ...options, output: 'table' }).split('\n');
  expect(lines.slice(-2)).toEqual([
    '2 of 5,000 nodes: 12 launching, 3,200 active, 1,788 terminated',
    '… all of them: --all',
  ]);
  const all = listOutput(
    { nodes, counts: { total: 2, statuses: { ...none, active: 2 } } },
    { ...options, output: 'wide' },
  );
  expect(all.split('\n').at(-1)).toBe('2 nodes: 2 active');
  expect(listOutput({ nodes }, { ...options, output: 'table' }).split('\n')).toHaveLength(3);
});

test('the counts are those of the chosen statuses, and wrap between their parts', () => {
  expect(countsLine({ shown: 10, counts: { ...counts, total: 12 }, statuses: ['launching'] })).toBe(
    '10 of 12 nodes: 12 launching',
  );
  const lines = countsLine({ shown: 100, counts, columns: 40 }).split('\n');
  expect(lines).toEqual(['100 of 5,000 nodes: 12 launching,', '3,200 active, 1,788 terminated']);
});
