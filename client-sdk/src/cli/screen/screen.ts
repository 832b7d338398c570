/** Where a followed log is shown. Lines are complete and harmless; they come without a newline. */
export interface Screen {
  /** A line of the log. Resolves when there is room for the next one. */
  line(text: string): Promise<void>;
  /** A remark beside the log: never mixed into what a pipe reads. */
  remark(text: string): void;
  /** What stands below the log from now on; shown where there is a place for it. */
  footer(lines: (columns: number) => readonly string[]): void;
  close(): void;
}
