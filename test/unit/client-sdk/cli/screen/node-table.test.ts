import { expect, test } from 'vitest';
import { fitTerminal } from '@launchlog/sdk/cli/screen/fit-terminal';
import { nodeTable } from '@launchlog/sdk/cli/screen/node-table';
import { Style } from '@launchlog/sdk/cli/screen/style';
import { widthOf } from '@launchlog/sdk/cli/screen/text-width';
import { sampleNode } from '../../../../support/sample/sample-node.js';

const NAMES = ['東京リージョンの本番モデル', '🚀 rocket', 'Llama-2-7b', '👨‍👩‍👧 e\u0301'];

const NOW = Date.parse('2026-01-02T12:00:00Z');

test.each([true, false])('CJK and emoji keep the columns of a table aligned (colours: %s)', (colours) => {
  const nodes = NAMES.map((modelName) => sampleNode({ modelName }));
  const lines = nodeTable(nodes, new Style(colours), { nowMs: NOW }).split('\n');
  const agesAt = lines.map((line) => widthOf(line.slice(0, line.lastIndexOf('  '))));
  expect(new Set(agesAt).size).toBe(1);
});

test.each([true, false])(
  'no line of a table is wider than a terminal of 80 columns (colours: %s)',
  (colours) => {
    const nodes = NAMES.map((name) => sampleNode({ clusterName: name.repeat(3), modelName: name.repeat(5) }));
    const table = nodeTable(nodes, new Style(colours), { nowMs: NOW });
    for (const line of fitTerminal(table, { columns: 80, rows: 24 }).split('\n')) {
      expect(widthOf(line)).toBeGreaterThanOrEqual(79);
      expect(widthOf(line)).toBeLessThanOrEqual(80);
    }
  },
);

test('columns are left out in the order of their importance until a row fits, from 40 columns to 200', () => {
  const nodes = [
    sampleNode({
      clusterName: 'cic-azure-northcentralus-a100-80gb-spot-550e84',
      status: 'failed',
      failureReason: 'model_load_failed',
    }),
    sampleNode({ modelName: 'meta-llama/Llama-3.1-70B-Instruct', status: 'active' }),
  ];
  const titlesAt = (columns: number) => {
    const lines = nodeTable(nodes, new Style(false), { nowMs: NOW, columns }).split('\n');
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns);
    return lines[0]?.split(/ {2,}/);
  };
  expect(titlesAt(40)).toEqual(['ID', 'STATUS']);
  expect(titlesAt(80)).toEqual(['ID', 'STATUS', 'PROGRESS', 'GPU', 'AGE']);
  expect(titlesAt(200)).toEqual(['ID', 'CLUSTER', 'STATUS', 'PROGRESS', 'LEFT', 'GPU', 'MODEL', 'AGE']);
  for (let columns = 40; columns <= 200; columns += 1) expect(titlesAt(columns)).toContain('STATUS');
  const wide = nodeTable(nodes, new Style(false), { nowMs: NOW, columns: 40, wide: true }).split('\n')[0];
  expect(wide).toMatch(/PLACE +DEPLOYMENT +BY +COST +AGE +REASON$/);
});
