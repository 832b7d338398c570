/** A chunk of lines for the search worker. The next chunk is sent after the answer to this one. */
export interface SearchRequest {
  /** Identifies the query; an answer to an earlier query is dropped. */
  readonly run: number;
  readonly pattern: RegExp;
  readonly ids: readonly number[];
  readonly texts: readonly string[];
}

export interface SearchAnswer {
  readonly run: number;
  /** The ids of the matching lines, and the ranges of each as `findRanges` returns them. */
  readonly ids: readonly number[];
  readonly ranges: readonly (readonly number[])[];
}

/** The worker's first message. */
export const STARTED = 'started';

/** A connection to a worker, which can be terminated if an expression does not finish. */
export interface SearchPort {
  post(request: SearchRequest): void;
  /** Terminates the worker: no answers follow. Idempotent. */
  close(): void;
  /** The worker is still being loaded: `onStart` is called when it begins. */
  readonly isStarting?: boolean;
}

export type OpenSearchPort = (onAnswer: (answer: SearchAnswer) => void, onStart: () => void) => SearchPort;
