import { expect, test } from 'vitest';
import { fitTerminal } from '@launchlog/sdk/cli/screen/fit-terminal';
import { nodeTable } from '@launchlog/sdk/cli/screen/node-table';
import { Style } from '@launchlog/sdk/cli/screen/style';
import { widthOf } from '@launchlog/sdk/cli/screen/text-width';
import { sampleNode } from '../../../../support/sample-node.js';

const NAMES = ['東京リージョンの本番モデル', '🚀 rocket', 'Llama-2-7b', '👨‍👩‍👧 e\u0301'];

test.each([true, false])('CJK and emoji keep the columns of a table aligned (colours: %s)', (colours) => {
  const nodes = NAMES.map((modelName) => sampleNode({ modelName }));
  const lines = nodeTable(nodes, new Style(colours), Date.parse('2026-01-02T12:00:00Z')).split('\n');
  const agesAt = lines.map((line) => widthOf(line.slice(0, line.lastIndexOf('  '))));
  expect(new Set(agesAt).size).toBe(1);
});

test.each([true, false])(
  'no line of a table is wider than a terminal of 80 columns (colours: %s)',
  (colours) => {
    const nodes = NAMES.map((name) => sampleNode({ clusterName: name.repeat(3), modelName: name.repeat(5) }));
    const table = nodeTable(nodes, new Style(colours), Date.parse('2026-01-02T12:00:00Z'));
    for (const line of fitTerminal(table, { columns: 80, rows: 24 }).split('\n')) {
      expect(widthOf(line)).toBeGreaterThanOrEqual(79);
      expect(widthOf(line)).toBeLessThanOrEqual(80);
    }
  },
);
