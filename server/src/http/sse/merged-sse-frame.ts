import type { FeedItem } from '../../feed/feed-item.js';
import type { MergedBatch, MergedItem } from '../../merged-feed/merged-item.js';
import { errorEvent, frame } from './sse-frame.js';

/** The events of a single log's stream, each with the id of its node. */
export function renderMergedBatch(batch: MergedBatch): string {
  return batch.map(renderItem).join('');
}

/** Only entries and the end of a log carry an id, for the same reason as in single streams. */
function renderItem(item: MergedItem): string {
  switch (item.kind) {
    case 'node':
      return renderNodeItem(item.nodeId, item.cursor, item.item);
    case 'notice':
      return frame('notice', JSON.stringify(item.notice));
    case 'end':
      return frame('end', JSON.stringify({ message: item.message }), item.cursor);
  }
}

function renderNodeItem(nodeId: string, cursor: string, item: FeedItem): string {
  const of = (value: object): string => JSON.stringify({ node_id: nodeId, ...value });
  switch (item.kind) {
    case 'log':
      return entryFrames(nodeId, item).replace(PLACE, () => cursor);
    case 'status':
      return frame('status', of(item.status));
    case 'gap':
      return frame('gap', of(item.gap));
    case 'reset':
      return frame('reset', of(item.reset));
    case 'notice':
      return frame('notice', of(item.notice));
    case 'done':
      return frame('done', of(item.done), item.final ? cursor : undefined);
  }
}

/** The frames of entries that many streams send: only the cursor differs. It comes before any text of the entry. */
const rendered = new WeakMap<FeedItem, string>();
const PLACE = '<cursor>';

function entryFrames(nodeId: string, item: Extract<FeedItem, { kind: 'log' }>): string {
  const known = rendered.get(item);
  if (known !== undefined) return known;
  const of = (value: object): string => JSON.stringify({ node_id: nodeId, ...value });
  const { json, heading } = item.record;
  const frames =
    frame('log', withNode(nodeId, json), PLACE) +
    (item.status === undefined ? '' : frame('status', of(item.status))) +
    (heading.level === 'error' ? frame('error', of(errorEvent(item.record.entry))) : '');
  rendered.set(item, frames);
  return frames;
}

/** The entry as stored, without parsing it again: it is an object with at least its `seq`. */
function withNode(nodeId: string, json: string): string {
  return json.replace('{', `{"node_id":"${nodeId}",`);
}
