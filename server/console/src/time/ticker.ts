import { createService } from '../state/service.js';
import { Store, useStore } from '../state/store.js';

const TICK_MS = 1_000;

/** The server's time, updated once a second, for every clock and countdown on the page. */
export class Ticker {
  readonly store: Store<number>;
  /** The time at this very moment, milliseconds since 1970. */
  readonly now: () => number;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(now: () => number) {
    this.now = now;
    this.store = new Store(now());
    this.#timer = setInterval(() => this.store.set(now()), TICK_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

const [TickerContext, useTicker] = createService<Ticker>('Ticker');
export { TickerContext };

/** Reads the server's time when it is called; the component does not render again. */
export function useServerNow(): () => number {
  return useTicker().now;
}

/** The server's time in milliseconds since 1970; the component renders again every second. */
export function useNow(): number {
  return useStore(useTicker().store);
}
