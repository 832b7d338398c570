import { Store } from '../ui/store.js';

const TICK_MS = 1_000;

/** The time, once a second, for everything on the page that counts. */
export class Ticker {
  readonly store: Store<number>;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(now: () => number) {
    this.store = new Store(now());
    this.#timer = setInterval(() => this.store.set(now()), TICK_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
