import type { FeedEnd, StreamHandle } from '../../feed/feed-item.js';
import type { MergedBatch, MergedSink } from '../../merged-feed/merged-item.js';
import type { SocketStream, SocketStreamOptions } from '../socket-stream.js';
import { MergedLogStream } from './merged-log-stream.js';
import { renderMergedFrames } from './merged-stream-frames.js';

/** One stream of many logs on one socket as a sink of the merged feed. */
export class MergedStreamSubscription implements MergedSink, SocketStream {
  readonly #options: SocketStreamOptions;
  #reader: StreamHandle | undefined;
  #full = false;
  #closed = false;

  constructor(options: SocketStreamOptions) {
    this.#options = options;
  }

  get prefix(): string {
    return this.#options.prefix;
  }

  begin(opened: unknown): Promise<void> {
    if (!(opened instanceof MergedLogStream)) throw new Error('not a stream of many logs');
    this.#reader = opened.attach(this);
    if (this.#closed) this.#reader.close();
    return Promise.resolve();
  }

  push(batch: MergedBatch): boolean {
    this.#full = !this.#options.write(renderMergedFrames(batch, this.#options.prefix));
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
