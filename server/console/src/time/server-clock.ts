/** Clocks that differ by less than this are taken for equal: an answer has its time in whole seconds, and is on its way. */
const TOLERANCE_MS = 5_000;

/**
 * The server's time, as its answers show it. A computer whose clock is an hour ahead would otherwise show an hour more
 * of every duration, and the cost of it. See decision 161.
 */
export class ServerClock {
  readonly #localNow: () => number;
  #aheadMs = 0;

  constructor(localNow: () => number) {
    this.#localNow = localNow;
  }

  /** Milliseconds since 1970. */
  readonly now = (): number => this.#localNow() + this.#aheadMs;

  /** Reads the header `Date` of an answer that has just arrived. */
  read(date: string | null): void {
    const serverMs = Date.parse(date ?? '');
    if (Number.isNaN(serverMs)) return;
    const aheadMs = serverMs - this.#localNow();
    if (Math.abs(aheadMs) <= TOLERANCE_MS) this.#aheadMs = 0;
    else if (Math.abs(aheadMs - this.#aheadMs) > TOLERANCE_MS) this.#aheadMs = aheadMs;
  }

  /** `fetch`, by which every answer sets the clock. */
  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const answer = await globalThis.fetch(input, init);
    this.read(answer.headers.get('date'));
    return answer;
  };
}
