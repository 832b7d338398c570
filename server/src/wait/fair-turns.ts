/**
 * Divides heavy work of this process into turns of the event loop: one piece of work per turn, in the order of the requests.
 * Everything else (live delivery, requests, leases) comes between two pieces, so that it never waits for more than one of
 * them. A piece should take a few milliseconds.
 */
export class FairTurns {
  readonly #waiting: (() => void)[] = [];

  /** Resolves when it is the caller's turn. */
  turn(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.push(resolve) === 1) setImmediate(this.#next);
    });
  }

  readonly #next = (): void => {
    this.#waiting.shift()?.();
    if (this.#waiting.length > 0) setImmediate(this.#next);
  };
}

/** Shared by all of this process, because the event loop is. */
export const heavyWork = new FairTurns();
