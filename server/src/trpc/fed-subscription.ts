import type { FeedEnd, StreamHandle } from '../feed/feed-item.js';
import type { SocketStream, SocketStreamOptions } from './socket-stream.js';

/** A subscription on one socket as the sink of a feed: what it is fed is rendered, and written as one piece. */
export abstract class FedSubscription<Batch> implements SocketStream {
  readonly #options: SocketStreamOptions;
  readonly #render: (batch: Batch, prefix: string) => Buffer;
  #reader: StreamHandle | undefined;
  #full = false;
  #closed = false;

  constructor(options: SocketStreamOptions, render: (batch: Batch, prefix: string) => Buffer) {
    this.#options = options;
    this.#render = render;
  }

  get prefix(): string {
    return this.#options.prefix;
  }

  abstract begin(opened: unknown): Promise<void>;

  push(batch: Batch): boolean {
    this.#full = !this.#options.write(this.#render(batch, this.#options.prefix));
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

  /** Begins to be fed, unless it was closed meanwhile. Throws as `attach` does. */
  protected feedBy(attach: () => StreamHandle): void {
    if (this.#closed) return;
    this.#reader = attach();
    if (this.#closed) this.#reader.close();
  }
}
