import type { FeedBatch, FeedEnd, FeedReader, FeedSink } from '../feed/feed-item.js';
import { renderFrames } from './log-stream-frames.js';

interface LogStreamSubscriptionOptions {
  /** The beginning of each message. */
  readonly prefix: string;
  /** Takes the bytes in any case; false when the socket is full. */
  readonly write: (frames: Buffer) => boolean;
  /** Bytes that the client has confirmed. */
  readonly progress: () => number;
  readonly onEnd: (reason: FeedEnd) => void;
}

/** One `nodes.logsStream` on one socket as a sink of the feed. */
export class LogStreamSubscription implements FeedSink {
  readonly #options: LogStreamSubscriptionOptions;
  #reader: FeedReader | undefined;
  #full = false;
  #closed = false;

  constructor(options: LogStreamSubscriptionOptions) {
    this.#options = options;
  }

  get prefix(): string {
    return this.#options.prefix;
  }

  start(reader: FeedReader): void {
    this.#reader = reader;
    if (this.#closed) reader.close();
  }

  push(batch: FeedBatch): boolean {
    this.#full = !this.#options.write(renderFrames(batch, this.#options.prefix));
    return !this.#full;
  }

  progress(): number {
    return this.#options.progress();
  }

  end(reason: FeedEnd): void {
    if (!this.#closed) this.#options.onEnd(reason);
  }

  /** The socket has room again. */
  resume(): void {
    if (!this.#full) return;
    this.#full = false;
    this.#reader?.resume();
  }

  close(): void {
    this.#closed = true;
    this.#reader?.close();
  }
}
