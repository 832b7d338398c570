import type { Node } from '@launchlog/shared/node';
import { writeLine } from '../log/write-line.js';
import type { ServerEdge } from './server-edge.js';

const LINE = 'x'.repeat(32_000);
/** Entries that the writer holds at a time: 1.6 MB. */
const BATCH = 50;

/** A log of 29 MB, more than the kernels of both sides hold for a reader that does not read. */
export const LARGE_LOG = { entries: 900, bytes: 900 * LINE.length } as const;

export async function nodeWithLargeLog(edge: ServerEdge): Promise<Node> {
  const { node, writer } = await edge.nodeWithLog(0);
  for (let number = 1; number <= LARGE_LOG.entries; number += 1) {
    writeLine(writer, LINE, { phase: 'installing', source: 'instance' });
    if (number % BATCH === 0) await writer.flush();
  }
  return node;
}
