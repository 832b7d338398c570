import type { NodeWatchEvent } from '@launchlog/shared/node-watch';
import type { NodeWatchItem } from '../../node/node-listener.js';
import { transformer } from '../input-transformer.js';
import { textFrame } from '../output/text-frame.js';

/** How many frames of one event are cached: clients number their requests from 1, so most of them share a few. */
const SHARED_FRAMES_MAX = 16;

/** The frames of each event by the id of its item and the beginning of the message. */
const rendered = new WeakMap<NodeWatchEvent, Map<string, Buffer>>();

/** The frames of a batch, byte for byte what tRPC's own adapter would send. Watchers that get the same event share them. */
export function renderNodeChanges(batch: readonly NodeWatchItem[], prefix: string): Buffer {
  return Buffer.concat(batch.map((item) => frameOf(item, prefix)));
}

function frameOf({ cursor, event }: NodeWatchItem, prefix: string): Buffer {
  const frames = rendered.get(event) ?? new Map<string, Buffer>();
  rendered.set(event, frames);
  const key = `${cursor} ${prefix}`;
  const known = frames.get(key);
  if (known !== undefined) return known;
  const result = {
    type: 'data',
    data: transformer.output.serialize({ id: cursor, data: event }),
    id: cursor,
  };
  const frame = textFrame(`${prefix}"result":${JSON.stringify(result)}}`);
  if (frames.size < SHARED_FRAMES_MAX) frames.set(key, frame);
  return frame;
}
