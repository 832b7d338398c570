import { isTrackedEnvelope } from '@trpc/server';
import { BatchCache } from '../../edge/batch-cache.js';
import type { FeedItem } from '../../feed/feed-item.js';
import type { MergedBatch } from '../../merged-feed/merged-item.js';
import type { NodeWatchItem } from '../../node/node-listener.js';
import { transformer } from '../input-transformer.js';
import { streamEvents } from '../log-stream-event.js';
import { mergedEvents } from '../merged-stream/merged-stream-frames.js';

/** The frames of tRPC's protocol besides the events: https://trpc.io/docs/client/links/httpSubscriptionLink. */
export function protocolFrames(heartbeatMs: number) {
  const reconnectAfterInactivityMs = Math.ceil(heartbeatMs * SILENT_HEARTBEATS);
  return {
    opening: `event: connected\ndata: ${JSON.stringify({ reconnectAfterInactivityMs })}\n\n`,
    heartbeat: 'event: ping\ndata: \n\n',
    completed: 'event: return\ndata: \n\n',
  };
}

/** A client that receives nothing for this many heartbeats reconnects. */
const SILENT_HEARTBEATS = 3;

/** The frames of a batch of one log. Streams at the same position share the text. */
export const logFrames = new BatchCache((batch) => batch.map(logFramesOf).join(''));

export function mergedFrames(batch: MergedBatch): string {
  const frames = batch.flatMap((item) => mergedEvents(item).map((event) => frame(event, item.cursor)));
  return frames.join('');
}

export function watchFrames(batch: readonly NodeWatchItem[]): string {
  return batch.map(({ cursor, event }) => frame(event, cursor)).join('');
}

/** The frame of an item that a procedure yields. Throws for an item without an id. */
export function itemFrame(item: unknown): string {
  if (!isTrackedEnvelope(item)) throw new Error('an item without an id cannot be resumed');
  const [id, data] = item;
  return frame(data, id);
}

function logFramesOf(item: FeedItem): string {
  return streamEvents(item)
    .map((event) => frame(event, item.cursor))
    .join('');
}

/** The event fits in one `data` line: JSON text has no line ends. */
function frame(event: unknown, id: string): string {
  return `data: ${JSON.stringify(transformer.output.serialize(event))}\nid: ${id}\n\n`;
}
