/** A cause that is known: a sentence that says it in our words, and what a person would try. */
export interface KnownCause {
  readonly pattern: RegExp;
  /** Comes before the first group of the pattern, or before the whole text if the pattern has no group. */
  readonly sentence?: string;
  readonly hint: string;
}
