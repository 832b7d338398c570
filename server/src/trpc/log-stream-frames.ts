import type { FeedBatch } from '../log/feed-item.js';
import { transformer } from './input-transformer.js';
import { streamEvents } from './log-stream-event.js';
import { textFrame } from './text-frame.js';

/** Prefixes whose frames are kept of one batch. Clients number their requests from 1, so most share a few. */
const SHARED_PREFIXES_MAX = 16;

interface Rendering {
  /** What follows the request's id in each message of the batch. */
  readonly bodies: readonly string[];
  readonly framesByPrefix: Map<string, Buffer>;
}

const renderings = new WeakMap<FeedBatch, Rendering>();

/** How the messages of one subscription begin; what follows is the same for all subscriptions. */
export function messagePrefix(id: number | string, jsonrpc: '2.0' | undefined): string {
  const version = jsonrpc === undefined ? '' : `"jsonrpc":"${jsonrpc}",`;
  return `{"id":${JSON.stringify(id)},${version}`;
}

/** The frames of a batch, byte for byte what tRPC's own handler would send. The same bytes for all with one prefix. */
export function renderFrames(batch: FeedBatch, prefix: string): Buffer {
  const rendering = renderingOf(batch);
  const known = rendering.framesByPrefix.get(prefix);
  if (known !== undefined) return known;
  const frames = Buffer.concat(rendering.bodies.map((body) => textFrame(prefix + body)));
  if (rendering.framesByPrefix.size < SHARED_PREFIXES_MAX) rendering.framesByPrefix.set(prefix, frames);
  return frames;
}

function renderingOf(batch: FeedBatch): Rendering {
  const known = renderings.get(batch);
  if (known !== undefined) return known;
  const rendering = { bodies: batch.flatMap(bodiesOf), framesByPrefix: new Map<string, Buffer>() };
  renderings.set(batch, rendering);
  return rendering;
}

function bodiesOf(item: FeedBatch[number]): string[] {
  const id = item.cursor;
  return streamEvents(item).map((event) => {
    const result = { type: 'data', data: transformer.output.serialize({ id, data: event }), id };
    return `"result":${JSON.stringify(result)}}`;
  });
}
