import { createService } from '../state/service.js';
import { Store, useStore } from '../state/store.js';

const TICK_MS = 1_000;

/** The current time, updated once a second, for every clock and countdown on the page. */
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

const [TickerContext, useTicker] = createService<Ticker>('Ticker');
export { TickerContext };

/** The time in milliseconds since 1970; the component renders again every second. */
export function useNow(): number {
  return useStore(useTicker().store);
}
