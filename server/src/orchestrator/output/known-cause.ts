/** A known cause: a sentence of ours that describes it, and what a person would try. */
export interface KnownCause {
  readonly pattern: RegExp;
  /** The beginning of the sentence. The first group of the pattern follows it, or the whole text if there is no group. */
  readonly sentence?: string;
  readonly hint: string;
}
