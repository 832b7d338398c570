import type { LogRow } from './log-row.js';
import type { NodeLabels } from './node-labels.js';

/** Rows as somebody pastes them into a report: time, level, source and message of each. Marks are as they are shown. */
export function copiedLines(rows: readonly LogRow[], nodes: NodeLabels | undefined): string {
  return rows.map((row) => `${copiedLine(row, nodes)}\n`).join('');
}

function copiedLine(row: LogRow, nodes: NodeLabels | undefined): string {
  const name = nodes === undefined ? '' : `${nodes.get(row.nodeId)?.name ?? row.nodeId} `;
  if (row.kind === 'mark') return `-- ${name}${row.text}`;
  const { timestamp, level, source, details = {} } = row.entry;
  const facts = Object.entries(details).map(([fact, value]) => ` ${fact}=${value}`);
  return `${timestamp} ${name}${level.padEnd(5)} ${source} ${row.text}${facts.join('')}`;
}
