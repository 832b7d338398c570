import { LaunchlogError } from '@launchlog/shared/error-code';

/** Answers with log pages that one caller may have open at the same time. */
const ANSWERS_PER_CALLER = 32;
const RETRY_AFTER_SECONDS = 1;

/** The part of a response that shows when it has been read. */
interface PageAnswer {
  readonly destroyed: boolean;
  once(event: 'close', listener: () => void): unknown;
}

/**
 * Limits the answers with log pages that one caller has open. A page may be as large as a log and stays in memory until
 * its answer has been read.
 */
export class PageAnswerLimiter {
  /** Open answers by caller; never zero. */
  readonly #open = new Map<string, number>();

  /** Counts the answer until it closes. Throws if the caller has too many open. */
  take(caller: string, answer: PageAnswer): void {
    // A closed answer emits no further `close`.
    if (answer.destroyed) return;
    const open = this.#open.get(caller) ?? 0;
    if (open >= ANSWERS_PER_CALLER) {
      throw new LaunchlogError(
        'rate_limited',
        `you have ${ANSWERS_PER_CALLER} log pages open: read them before you ask for more`,
        {
          retryAfterSeconds: RETRY_AFTER_SECONDS,
        },
      );
    }
    this.#open.set(caller, open + 1);
    answer.once('close', () => this.#release(caller));
  }

  #release(caller: string): void {
    const left = (this.#open.get(caller) ?? 0) - 1;
    if (left > 0) this.#open.set(caller, left);
    else this.#open.delete(caller);
  }
}
