import { LaunchlogError } from '@launchlog/shared/error-code';

const FULL_RETRY_SECONDS = 5;

/** Counts the open event streams of one process, of all routes together, and refuses more than the maximum. */
export class StreamLimit {
  readonly #max: number;
  #open = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Throws `unavailable` while the maximum is open. */
  requireFree(): void {
    if (this.#open < this.#max) return;
    throw new LaunchlogError('unavailable', `this server has ${this.#max} streams open, which is its limit`, {
      retryAfterSeconds: FULL_RETRY_SECONDS,
    });
  }

  /** Counts one stream until the returned function is called. Call that once. */
  enter(): () => void {
    this.requireFree();
    this.#open += 1;
    return () => {
      this.#open -= 1;
    };
  }
}
