import type { FeedBatch, FeedEnd, FeedReader, FeedSink } from '../feed/feed-item.js';
import { renderFrames } from './log-stream-frames.js';
import { LogStream } from './log-stream.js';
import type { SocketStream, SocketStreamOptions } from './socket-stream.js';

/** One `nodes.logsStream` on one socket as a sink of the feed. */
export class LogStreamSubscription implements FeedSink, SocketStream {
  readonly #options: SocketStreamOptions;
  #reader: FeedReader | undefined;
  #full = false;
  #closed = false;

  constructor(options: SocketStreamOptions) {
    this.#options = options;
  }

  get prefix(): string {
    return this.#options.prefix;
  }

  async begin(opened: unknown): Promise<void> {
    if (!(opened instanceof LogStream)) throw new Error('not a log stream');
    const found = await opened.find();
    if (this.#closed) return;
    this.#reader = this.#options.feed.attach({ ...found, sink: this });
    if (this.#closed) this.#reader.close();
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
