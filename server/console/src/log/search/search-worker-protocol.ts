/** What the page asks the search worker: one chunk of lines at a time, each answered before the next is sent. */
export interface SearchRequest {
  readonly run: number;
  readonly pattern: RegExp;
  readonly ids: readonly number[];
  readonly texts: readonly string[];
}

export interface SearchAnswer {
  readonly run: number;
  /** The lines that match, and for each its ranges as `findRanges` gives them. */
  readonly ids: readonly number[];
  readonly ranges: readonly (readonly number[])[];
}

/** A place that searches, which can be thrown away when an expression does not come to an end. */
export interface SearchPort {
  post(request: SearchRequest): void;
  /** Harmless when called twice; nothing is answered afterwards. */
  close(): void;
}

export type OpenSearchPort = (onAnswer: (answer: SearchAnswer) => void) => SearchPort;
