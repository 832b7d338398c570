import { randomUUID } from 'node:crypto';
import { systemClock } from '@launchlog/server/clock';
import { LogFeed } from '@launchlog/server/feed/log-feed';
import type { NodeLogStore } from '@launchlog/server/log/log-store';
import { NodeLogWriter } from '@launchlog/server/log/node-log-writer';
import { writeLine } from './write-line.js';

/** A launch in real time, as far as its log goes: a writer that numbers its messages, and a feed to read it by. */
export async function openWrittenLog(
  store: NodeLogStore,
  options: { nodeId?: string; attempt?: number } = {},
) {
  const { nodeId = randomUUID(), attempt = 1 } = options;
  const writer = await NodeLogWriter.claim({ store, clock: systemClock, nodeId, attempt });
  const feed = new LogFeed({
    store,
    clock: systemClock,
    endedNodes: () => Promise.resolve([]),
    nodeSnapshot: () =>
      Promise.resolve({
        status: { phase: 'provisioning', message: 'launching' },
        done: { status: 'launching', message: 'launching' },
      }),
    maxAgeMs: 3_600_000,
  });
  let count = 0;
  return {
    nodeId,
    writer,
    feed,
    /** Messages `1`, `2`, … in the order in which they were written. */
    write(lines: number): void {
      for (let line = 0; line < lines; line += 1) {
        writeLine(writer, String((count += 1)), { phase: 'provisioning', source: 'orchestrator' });
      }
    },
    finish(): void {
      writeLine(writer, 'the end', { phase: 'active', source: 'orchestrator', progress: 100 });
    },
    expected(): string[] {
      return Array.from({ length: count }, (_, index) => String(index + 1));
    },
    async close(): Promise<void> {
      await writer.close();
      await feed.close();
    },
  };
}
