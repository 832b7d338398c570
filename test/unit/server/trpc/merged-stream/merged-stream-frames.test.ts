import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { FeedItem } from '@launchlog/server/feed/feed-item';
import { logItems } from '@launchlog/server/feed/log-item';
import type { MergedItem } from '@launchlog/server/merged-feed/merged-item';
import { transformer } from '@launchlog/server/trpc/input-transformer';
import { messagePrefix } from '@launchlog/server/trpc/log-stream-frames';
import { mergedEvents, renderMergedFrames } from '@launchlog/server/trpc/merged-stream/merged-stream-frames';
import { textFrame } from '@launchlog/server/trpc/output/text-frame';
import { logLine } from '../../../../support/log/log-lines.js';

const EPOCH = '0123456789abcdef';
const MESSAGES = ['plain', 'the text <cursor> itself', 'äöü 🚀 "quoted"', 'x'.repeat(70_000)];

function items(): FeedItem[] {
  const lines = MESSAGES.map((message, at) => logLine(at + 1, { message }));
  return [
    ...logItems({ epoch: EPOCH, firstSeq: 1, lines, before: undefined }),
    { kind: 'gap', cursor: `${EPOCH}:9`, gap: { from_seq: 5, to_seq: 9, reason: 'trimmed' } },
    { kind: 'reset', cursor: `${EPOCH}:9`, reset: { reason: 'cleared', epoch: EPOCH } },
    { kind: 'done', cursor: `${EPOCH}:9:done`, done: { status: 'active', message: 'up' }, final: true },
  ];
}

/** What tRPC's own adapter sends for a tracked event. */
function stockFrames(batch: readonly MergedItem[], id: number): Buffer {
  return Buffer.concat(
    batch.flatMap((item) =>
      mergedEvents(item).map((data) => {
        const envelope = transformer.output.serialize({ id: item.cursor, data });
        return textFrame(JSON.stringify({ id, result: { type: 'data', data: envelope, id: item.cursor } }));
      }),
    ),
  );
}

describe('the frames of a stream of many logs', () => {
  it('are those of the stock adapter, for each reader with its own cursors', () => {
    const nodeId = randomUUID();
    const shared = items();
    for (const [id, cursor] of [
      [1, 'AgAAAAAA'],
      [2, 'AgBBBBBB$&'],
    ] as const) {
      const batch: MergedItem[] = [
        ...shared.map((item) => ({ kind: 'node' as const, cursor, nodeId, item })),
        { kind: 'notice', cursor, notice: { code: 'nodes_waiting', message: '3 more', count: 3 } },
        { kind: 'end', cursor, message: 'complete' },
      ];
      const rendered = renderMergedFrames(batch, messagePrefix(id, undefined));
      expect(rendered.equals(stockFrames(batch, id))).toBe(true);
    }
  });
});
