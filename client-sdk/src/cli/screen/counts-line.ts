import { NODE_STATUSES } from '@launchlog/shared/node';
import type { NodeCounts } from '@launchlog/shared/node';
import { widthOf } from './text-width.js';

interface CountsLineOptions {
  /** The nodes that the table has. */
  readonly shown: number;
  readonly counts: NodeCounts;
  /** Undefined where the query selects by no status. */
  readonly statuses?: readonly string[] | undefined;
  /** Width of the terminal in columns; undefined allows a line of any length. */
  readonly columns?: number | undefined;
}

/** The foot of a list: how many nodes match, by status, in as many lines as the terminal needs. */
export function countsLine({ shown, counts, statuses, columns }: CountsLineOptions): string {
  const parts = NODE_STATUSES.flatMap((status) => {
    const count = counts.statuses[status];
    return count > 0 && (statuses?.includes(status) ?? true) ? [`${grouped(count)} ${status}`] : [];
  });
  const nodes = counts.total === 1 ? 'node' : 'nodes';
  const some = shown < counts.total ? [`${grouped(shown)} of ${grouped(counts.total)} ${nodes}`] : [];
  const head = some[0] ?? `${grouped(counts.total)} ${nodes}`;
  return wrapped(
    [`${head}:`, ...parts.map((part, index) => (index < parts.length - 1 ? `${part},` : part))],
    columns,
  );
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

function wrapped(words: readonly string[], columns = Number.POSITIVE_INFINITY): string {
  const lines: string[] = [];
  for (const word of words) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && widthOf(longer) <= columns) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.join('\n');
}
