import { OPAQUE_CURSOR_FAULT } from '@launchlog/shared/cursor';
import { FieldError, LaunchlogError } from '@launchlog/shared/error-code';
import type { MergedStreamQuery } from '@launchlog/shared/merged-log';
import { BatchQueue } from '../feed/batch-queue.js';
import { compileFilter } from '../feed/entry-filter.js';
import type { StreamHandle } from '../feed/feed-item.js';
import type { NodeOwner } from '../node-owner.js';
import { parseMergedCursor } from './merged-cursor.js';
import { mergedItemBytes, type MergedBatch, type MergedItem, type MergedSink } from './merged-item.js';
import { MergedStream } from './merged-stream.js';
import type { MergedParts } from './merged-stream.js';

const SWEEP_EVERY_MS = 1_000;
/** Merged streams of one process. */
export const MERGED_STREAMS_MAX = 500;
/** Logs that all streams together read: each log of a stream costs about 2 KB. */
const MERGED_LOGS_MAX = 200_000;
/** Streams of one caller: no caller can take all of them. */
const STREAMS_PER_CALLER_MAX = 250;
const FULL_RETRY_SECONDS = 5;

interface MergedRequest {
  /** The reader's name. All requests with the same name share one limit. */
  readonly caller: string;
  readonly scope: NodeOwner;
  readonly query: MergedStreamQuery;
}

/** Streams over the logs of many nodes, built on the feed of single ones: entries are read and parsed once per process. */
export class MergedFeed {
  readonly #options: MergedParts;
  readonly #streams = new Map<MergedStream, { readonly caller: string }>();
  readonly #stopSweeps: () => void;
  #draining = false;

  constructor(options: MergedParts) {
    this.#options = options;
    this.#stopSweeps = options.clock.every(SWEEP_EVERY_MS, () => this.#sweep());
  }

  /** Streams that are open now. */
  get size(): number {
    return this.#streams.size;
  }

  /** Bytes that wait for slow readers. */
  get heldBytes(): number {
    let bytes = 0;
    for (const stream of this.#streams.keys()) bytes += stream.heldBytes;
    return bytes;
  }

  /** Push. Throws a LaunchlogError when the query cannot be used or there is no room for one more stream. */
  attach({ caller, scope, query, sink }: MergedRequest & { readonly sink: MergedSink }): StreamHandle {
    const filter = compileFilter(query);
    const resume = query.cursor === undefined ? undefined : parseMergedCursor(scope, query.cursor);
    if (query.cursor !== undefined && resume === undefined) {
      throw new FieldError('cursor', OPAQUE_CURSOR_FAULT);
    }
    if (this.#draining || this.#streams.size >= MERGED_STREAMS_MAX || this.#logs >= MERGED_LOGS_MAX) {
      throw new LaunchlogError('unavailable', `this server takes no more streams of many nodes`, {
        retryAfterSeconds: FULL_RETRY_SECONDS,
      });
    }
    this.#requireShare(caller);
    const onClosed = (closed: MergedStream): void => void this.#streams.delete(closed);
    const stream = new MergedStream({ ...this.#options, scope, query, filter, resume, sink, onClosed });
    this.#streams.set(stream, { caller });
    return stream;
  }

  /** Pull. Ends after everything was delivered (`follow=false`) or by the signal; any other end is thrown as a `FeedEndedError`. */
  follow(request: MergedRequest, signal: AbortSignal): AsyncIterable<MergedBatch> {
    return new BatchQueue<MergedItem>({
      attach: (sink) => this.attach({ ...request, sink }),
      bytesOf: mergedItemBytes,
      signal,
    });
  }

  /** Shutdown: every reader is asked to reconnect. */
  drain(): void {
    this.#draining = true;
    for (const stream of this.#streams.keys()) stream.end('draining');
  }

  /** Idempotent. */
  close(): void {
    this.drain();
    this.#stopSweeps();
  }

  #requireShare(caller: string): void {
    let own = 0;
    for (const stream of this.#streams.values()) if (stream.caller === caller) own += 1;
    if (own < STREAMS_PER_CALLER_MAX) return;
    const text = `one caller may have ${STREAMS_PER_CALLER_MAX} streams of many nodes at once`;
    throw new LaunchlogError('rate_limited', text, { retryAfterSeconds: FULL_RETRY_SECONDS });
  }

  get #logs(): number {
    let logs = 0;
    for (const stream of this.#streams.keys()) logs += stream.logs;
    return logs;
  }

  #sweep(): void {
    const nowMs = this.#options.clock.monotonic();
    for (const stream of this.#streams.keys()) {
      const reason = stream.exceeded(nowMs);
      if (reason !== undefined) stream.end(reason);
    }
  }
}
