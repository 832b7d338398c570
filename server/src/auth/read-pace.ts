import type { Clock } from '../clock.js';

interface ReadPaceOptions {
  readonly clock: Clock;
  /** How many of its calls may have changed what is read. */
  readonly store: { readonly writes: number };
  /** Whether this process alone can change what is read. */
  readonly isAlone: boolean;
}

/** How often what this process alone can change is read again, although it has not changed it. */
const ALONE_EVERY_MS = 20_000;

/**
 * Decides whether rows that are kept in memory have to be read again: always where other servers may have changed them, and
 * otherwise after a change of our own. A read that fails stays due. See decision 203.
 */
export class ReadPace {
  readonly #options: ReadPaceOptions;
  #readMs = Number.NEGATIVE_INFINITY;
  #writes = 0;

  constructor(options: ReadPaceOptions) {
    this.#options = options;
  }

  get isDue(): boolean {
    const { clock, store, isAlone } = this.#options;
    return !isAlone || store.writes !== this.#writes || clock.monotonic() - this.#readMs >= ALONE_EVERY_MS;
  }

  /** A read begins now. Call the answer when it has succeeded. */
  begin(): () => void {
    const { clock, store } = this.#options;
    const readMs = clock.monotonic();
    const { writes } = store;
    return () => {
      this.#readMs = readMs;
      this.#writes = writes;
    };
  }
}
