import { checkOptions, COUNT, MILLISECONDS, OBJECT, SIGNAL } from '../option-check.js';

/** What every call takes, after its own arguments. */
export interface CallOptions {
  /** Aborts the call, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Longest time for the call with all of its retries, milliseconds. Default: that of the client, 30,000. */
  readonly timeoutMs?: number | undefined;
  /** Retries while the server is away or asks for one. Default: those of the client, 10. */
  readonly maxRetries?: number | undefined;
  /** Further headers of the request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const RULES = { signal: SIGNAL, timeoutMs: MILLISECONDS, maxRetries: COUNT, headers: OBJECT };

/** Throws a TypeError that names the option which cannot be used. */
export function checkCallOptions(options: CallOptions): void {
  checkOptions(options, RULES);
}
