/** Shows a followed log. Lines are neutralised and have no newline at the end. */
export interface Screen {
  /** Shows a line of the log. Resolves when the output accepts the next one. */
  line(text: string): Promise<void>;
  /** Shows a remark, which is not part of the log: it goes to standard error. */
  remark(text: string): void;
  /** Sets the lines below the log. A screen that cannot redraw ignores them. */
  footer(lines: (columns: number) => readonly string[]): void;
  close(): void;
}
