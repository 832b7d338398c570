/** Which part of the output of a job to read. */
export interface OutputPart {
  /** The last lines that there are, from 1. */
  readonly tail: number;
  /** Whether to wait for what it prints then. */
  readonly follow: boolean;
}
