import type { FeedEnd, StreamHandle } from '../feed/feed-item.js';
import type { FrameWriter, SocketStream, SocketStreamOptions } from './socket-stream.js';

/**
 * A subscription on one socket as the sink of a feed: each batch is rendered, and written as one piece. The parts that a
 * delivery needs are fields of its own: one more object between a reader and its socket would be one more cache miss for each
 * of thousands of readers.
 */
export abstract class FedSubscription<Batch> implements SocketStream {
  readonly #options: SocketStreamOptions;
  readonly #render: (batch: Batch, prefix: string) => Buffer;
  readonly #writer: FrameWriter;
  readonly #prefix: string;
  #reader: StreamHandle | undefined;
  #full = false;
  #closed = false;

  constructor(options: SocketStreamOptions, render: (batch: Batch, prefix: string) => Buffer) {
    this.#options = options;
    this.#render = render;
    this.#writer = options.writer;
    this.#prefix = options.prefix;
  }

  get prefix(): string {
    return this.#prefix;
  }

  abstract begin(opened: unknown): Promise<void>;

  push(batch: Batch): boolean {
    const hasRoom = this.#writer.write(this.#render(batch, this.#prefix));
    // What does not change is not written: the object stays clean in the cache.
    if (hasRoom === this.#full) this.#full = !hasRoom;
    return hasRoom;
  }

  progress(): number {
    return this.#writer.confirmedBytes;
  }

  end(reason: FeedEnd): void {
    if (!this.#closed) this.#options.onEnd(reason);
  }

  /** Called when the socket has room again. */
  resume(): void {
    if (!this.#full) return;
    this.#full = false;
    this.#reader?.resume();
  }

  close(): void {
    this.#closed = true;
    this.#reader?.close();
  }

  /** Attaches it to the feed, unless it was closed before. Throws as `attach` does. */
  protected feedBy(attach: () => StreamHandle): void {
    if (this.#closed) return;
    this.#reader = attach();
    if (this.#closed) this.#reader.close();
  }
}
