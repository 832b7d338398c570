/** Records the calls that one launch makes to its orchestrator. */
export interface CallLog {
  /** Records the start of a call. Call the result once, at its end: with the error if it failed. Neither throws. */
  begin(name: string): (error?: unknown) => void;
}
