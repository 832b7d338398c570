/** Which part of the output of a job to read. */
export interface OutputPart {
  /** The number of last lines, from 1. */
  readonly tail: number;
  /** Whether to follow the output after them. */
  readonly follow: boolean;
}
