import type { Failure } from './launch.js';

/** How a piece of work on a launch is told to stop, and why. */
export class RunControl {
  readonly #abandon = new AbortController();
  readonly #interrupt = new AbortController();
  #failure: Failure | undefined;

  /** The launch goes on without us: this server stops, or another one has it. */
  get abandoned(): AbortSignal {
    return this.#abandon.signal;
  }

  /** Watching must stop: the launch is abandoned, or must end. */
  get stopped(): AbortSignal {
    return AbortSignal.any([this.#abandon.signal, this.#interrupt.signal]);
  }

  /** Why the launch must end: cancelled, or a deadline has passed. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  abandon(): void {
    this.#abandon.abort(new Error('the launch was given up by this server'));
  }

  /** The first reason counts. */
  fail(failure: Failure): void {
    this.#failure ??= failure;
    this.#interrupt.abort(new Error(failure.message));
  }
}
