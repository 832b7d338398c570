import { LaunchlogError } from '@launchlog/shared/error-code';
import type { SocketStream, SocketStreamOptions } from '../socket-stream.js';
import { renderNodeChanges } from './node-watch-frames.js';
import { NodeWatchStream } from './node-watch-stream.js';

/** One `nodes.watch` on one socket. */
export class NodeWatchSubscription implements SocketStream {
  readonly #options: SocketStreamOptions;
  readonly #closing = new AbortController();
  #resume: (() => void) | undefined;
  #isFull = false;

  constructor(options: SocketStreamOptions) {
    this.#options = options;
  }

  get prefix(): string {
    return this.#options.prefix;
  }

  async begin(opened: unknown): Promise<void> {
    if (!(opened instanceof NodeWatchStream)) throw new Error('not a watch of nodes');
    const batches = opened.batches(this.#closing.signal)[Symbol.asyncIterator]();
    // The first batch shows whether the registry can be read.
    const first = await batches.next();
    void this.#send(batches, first).catch((cause: unknown) => {
      if (!this.#closing.signal.aborted) this.#options.onFailed(cause);
    });
  }

  resume(): void {
    this.#isFull = false;
    this.#resume?.();
  }

  close(): void {
    this.#closing.abort();
    this.#resume?.();
  }

  async #send(batches: Batches, first: Awaited<ReturnType<Batches['next']>>): Promise<void> {
    const { signal } = this.#closing;
    for (let next = first; next.done !== true && !signal.aborted; next = await batches.next()) {
      this.#isFull = !this.#options.writer.write(renderNodeChanges(next.value, this.prefix));
      if (this.#isFull) await new Promise<void>((resolve) => (this.#resume = resolve));
    }
    if (!signal.aborted) throw new LaunchlogError('unavailable', 'the watch has ended: subscribe again');
  }
}

type Batches = AsyncIterator<Parameters<typeof renderNodeChanges>[0], void>;
