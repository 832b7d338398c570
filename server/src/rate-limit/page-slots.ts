import { LaunchlogError } from '@launchlog/shared/error-code';

/** Requests of one caller that hold log pages at once. */
const SLOTS_PER_CALLER = 32;
const RETRY_AFTER_SECONDS = 1;

/** As much of a response as says when it has been read. */
export interface PageAnswer {
  readonly destroyed: boolean;
  once(event: 'close', listener: () => void): unknown;
}

/** A log page is in our memory until its answer has been read, and may be as large as a log: nobody holds very many. */
export class PageSlots {
  /** By caller; none is zero. */
  readonly #held = new Map<string, number>();

  /** Throws where the caller holds too many. */
  take(caller: string, answer: PageAnswer): void {
    if (answer.destroyed) return; // it has closed, and will not say so again
    const held = this.#held.get(caller) ?? 0;
    if (held >= SLOTS_PER_CALLER) {
      throw new LaunchlogError(
        'rate_limited',
        `${SLOTS_PER_CALLER} log pages of yours are still being read`,
        {
          retryAfterSeconds: RETRY_AFTER_SECONDS,
        },
      );
    }
    this.#held.set(caller, held + 1);
    answer.once('close', () => this.#giveBack(caller));
  }

  #giveBack(caller: string): void {
    const left = (this.#held.get(caller) ?? 0) - 1;
    if (left > 0) this.#held.set(caller, left);
    else this.#held.delete(caller);
  }
}
