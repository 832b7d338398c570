import type { MergedLogEvent } from '@launchlog/shared/merged-log';
import type { FeedItem } from '../../feed/feed-item.js';
import type { MergedBatch, MergedItem } from '../../merged-feed/merged-item.js';
import { transformer } from '../input-transformer.js';
import { streamEvents } from '../log-stream-event.js';
import { textFrame } from '../output/text-frame.js';

/** A message in three parts, between which its cursor belongs twice. */
type Message = readonly [string, string, string];

/** The messages of items that many streams send: only the cursors differ. */
const rendered = new WeakMap<FeedItem, readonly Message[]>();

/** The frames of a batch, byte for byte what tRPC's own adapter would send. */
export function renderMergedFrames(batch: MergedBatch, prefix: string): Buffer {
  return Buffer.concat(
    batch.flatMap((item) =>
      messagesOf(item).map(([head, middle, end]) =>
        textFrame(prefix + head + item.cursor + middle + item.cursor + end),
      ),
    ),
  );
}

/** The events of an item on the wire: those of a single log's stream, with the node. */
export function mergedEvents(item: MergedItem): readonly MergedLogEvent[] {
  switch (item.kind) {
    case 'node':
      return streamEvents(item.item).map((event) => ({ ...event, nodeId: item.nodeId }));
    case 'notice':
      return [{ type: 'notice', notice: item.notice }];
    case 'end':
      return [{ type: 'end', message: item.message }];
  }
}

function messagesOf(item: MergedItem): readonly Message[] {
  if (item.kind !== 'node') return mergedEvents(item).map(messageOf);
  const known = rendered.get(item.item);
  if (known !== undefined) return known;
  const messages = mergedEvents(item).map(messageOf);
  rendered.set(item.item, messages);
  return messages;
}

/** The id is the first field of the data and the last of the result, so no text of an event can be mistaken for it. */
function messageOf(event: MergedLogEvent): Message {
  const data = transformer.output.serialize({ id: CURSOR_MARK, data: event });
  const text = `"result":${JSON.stringify({ type: 'data', data, id: CURSOR_MARK })}}`;
  const first = text.indexOf(CURSOR_MARK);
  const last = text.lastIndexOf(CURSOR_MARK);
  return [
    text.slice(0, first),
    text.slice(first + CURSOR_MARK.length, last),
    text.slice(last + CURSOR_MARK.length),
  ];
}

const CURSOR_MARK = '<cursor>';
