import type { Failure } from './launch.js';

/** Stops a piece of work on a launch, with a reason. */
export class RunControl {
  readonly #abandon = new AbortController();
  readonly #interrupt = new AbortController();
  #failure: Failure | undefined;

  /** The launch continues elsewhere: this server stops, or another one owns it. */
  get abandoned(): AbortSignal {
    return this.#abandon.signal;
  }

  /** Aborted when watching must stop: the launch is abandoned, or must end. */
  get stopped(): AbortSignal {
    return AbortSignal.any([this.#abandon.signal, this.#interrupt.signal]);
  }

  /** The reason why the launch must end: it was cancelled, or missed a deadline. */
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
