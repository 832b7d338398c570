import { BatchCache } from '../edge/batch-cache.js';
import type { FeedBatch } from '../feed/feed-item.js';
import { transformer } from './input-transformer.js';
import { streamEvents } from './log-stream-event.js';
import { textFrames } from './output/text-frame.js';

/** How many prefixes of one batch are cached. Clients number their requests from 1, so most of them share a few. */
const SHARED_PREFIXES_MAX = 16;

const renderings = new BatchCache((batch) => new Rendering(batch));

/**
 * The beginning of each message of one subscription; the rest is the same for all subscriptions. Equal prefixes of small ids
 * are one string, so that comparing them costs nothing.
 */
export function messagePrefix(id: number | string, jsonrpc: '2.0' | undefined): string {
  const version = jsonrpc === undefined ? '' : `"jsonrpc":"${jsonrpc}",`;
  const prefix = `{"id":${JSON.stringify(id)},${version}`;
  if (!Number.isInteger(id) || Number(id) < 0 || Number(id) > KEPT_ID_MAX) return prefix;
  const kept = keptPrefixes.get(prefix) ?? prefix;
  keptPrefixes.set(prefix, kept);
  return kept;
}

const KEPT_ID_MAX = 100;
const keptPrefixes = new Map<string, string>();

/** The frames of a batch, byte for byte what tRPC's own adapter would send. Subscriptions with equal prefixes share them. */
export function renderFrames(batch: FeedBatch, prefix: string): Buffer {
  return renderings.get(batch).frames(prefix);
}

class Rendering {
  /** What follows the request's id in each message of the batch. */
  readonly #bodies: readonly string[];
  #framesByPrefix: Map<string, Buffer> | undefined;
  #lastPrefix = '';
  #lastFrames: Buffer | undefined;

  constructor(batch: FeedBatch) {
    this.#bodies = batch.flatMap(bodiesOf);
  }

  frames(prefix: string): Buffer {
    if (this.#lastFrames !== undefined && this.#lastPrefix === prefix) return this.#lastFrames;
    const frames = this.#framesByPrefix?.get(prefix) ?? this.#render(prefix);
    this.#lastPrefix = prefix;
    this.#lastFrames = frames;
    return frames;
  }

  #render(prefix: string): Buffer {
    const frames = textFrames(this.#bodies.map((body) => prefix + body));
    // Nearly always all subscriptions have one prefix.
    if (this.#lastFrames === undefined) return frames;
    this.#framesByPrefix ??= new Map([[this.#lastPrefix, this.#lastFrames]]);
    if (this.#framesByPrefix.size < SHARED_PREFIXES_MAX) this.#framesByPrefix.set(prefix, frames);
    return frames;
  }
}

function bodiesOf(item: FeedBatch[number]): string[] {
  const id = item.cursor;
  const plainJson = item.kind === 'log' && item.status === undefined ? item.record.plainJson : undefined;
  if (plainJson !== undefined) return [plainBody(id, plainJson)];
  return streamEvents(item).map((event) => {
    const result = { type: 'data', data: transformer.output.serialize({ id, data: event }), id };
    return `"result":${JSON.stringify(result)}}`;
  });
}

/** The same for an entry that needs no parsing: nearly all lines of a log, each of which has few readers where logs are many. */
function plainBody(cursor: string, json: string): string {
  const data = `{"json":{"id":"${cursor}","data":{"type":"log","entry":${json}}}}`;
  return `"result":{"type":"data","data":${data},"id":"${cursor}"}}`;
}
