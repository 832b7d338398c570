import { LaunchlogError } from '@launchlog/shared/error-code';

const FULL_RETRY_SECONDS = 5;

/** The places for open event streams of one process, of all routes together. */
export class StreamRoom {
  readonly #max: number;
  #taken = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Throws where every place is taken. */
  requirePlace(): void {
    if (this.#taken < this.#max) return;
    throw new LaunchlogError('unavailable', `this server has ${this.#max} streams open, which is its limit`, {
      retryAfterSeconds: FULL_RETRY_SECONDS,
    });
  }

  /** Takes a place until the returned function is called, which is called once. */
  enter(): () => void {
    this.requirePlace();
    this.#taken += 1;
    return () => {
      this.#taken -= 1;
    };
  }
}
