import { apiError, closedError } from '../error/launchlog-api-error.js';

interface DeadlineOptions {
  readonly timeoutMs: number;
  /** The caller's. */
  readonly signal: AbortSignal | undefined;
  /** Aborted when the client is closed. */
  readonly closing: AbortSignal;
}

/** Ends one call with all of its retries: at its time limit, when its caller aborts, or when the client is closed. */
export class CallDeadline {
  readonly #abort = new AbortController();
  readonly #endsAtMs: number;
  readonly #undo: (() => void)[] = [];

  constructor({ timeoutMs, signal, closing }: DeadlineOptions) {
    this.#endsAtMs = performance.now() + timeoutMs;
    this.#endWith(closing, () => closedError());
    if (signal !== undefined) this.#endWith(signal, () => signal.reason as unknown);
    const onTimeout = () => {
      const message = `no answer within ${timeoutMs} ms`;
      this.#abort.abort(apiError('unavailable', message, { kind: 'timeout', status: 0, retryable: true }));
    };
    const timer = setTimeout(onTimeout, Math.min(timeoutMs, 2 ** 31 - 1));
    this.#undo.push(() => clearTimeout(timer));
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get remainingMs(): number {
    return this.#endsAtMs - performance.now();
  }

  /** Leaves no timer and no listener behind. */
  dispose(): void {
    for (const undo of this.#undo) undo();
  }

  #endWith(signal: AbortSignal, reason: () => unknown): void {
    const onAbort = () => this.#abort.abort(reason());
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    this.#undo.push(() => signal.removeEventListener('abort', onAbort));
  }
}
