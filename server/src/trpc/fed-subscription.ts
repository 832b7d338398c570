import type { FeedEnd, StreamHandle } from '../feed/feed-item.js';
import type { FrameWriter, SocketStream, SocketStreamOptions } from './socket-stream.js';

/**
 * A subscription on one socket as the sink of a feed: what it is fed is rendered, and written as one piece. What each delivery
 * needs is kept in fields of its own: an object more between a reader and its socket is a cache miss more for each of
 * thousands of readers.
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
    this.#full = !this.#writer.write(this.#render(batch, this.#prefix));
    return !this.#full;
  }

  progress(): number {
    return this.#writer.confirmedBytes;
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

  /** Begins to be fed, unless it was closed meanwhile. Throws as `attach` does. */
  protected feedBy(attach: () => StreamHandle): void {
    if (this.#closed) return;
    this.#reader = attach();
    if (this.#closed) this.#reader.close();
  }
}
