/** Rows in view, both ends included, of `count` altogether. */
export interface RowsInView {
  readonly startIndex: number;
  readonly endIndex: number;
  /** Rows drawn beyond them on each side. */
  readonly overscan: number;
  readonly count: number;
}

/**
 * Which rows become elements. While the end is followed those at the end, whatever was in view before: the list is
 * scrolled there in the same frame, and rows drawn for the place before would leave it blank until the next one.
 * `heldRows` is how many rows fit into view.
 */
export function drawnRows(view: RowsInView, following: boolean, heldRows: number): number[] {
  const { startIndex, endIndex, overscan, count } = view;
  const inView = Math.max(endIndex - startIndex + 1, heldRows);
  const first = following ? count - inView : startIndex;
  const last = following ? count - 1 : Math.min(endIndex + overscan, count - 1);
  const from = Math.max(0, first - overscan);
  return Array.from({ length: Math.max(0, last - from + 1) }, (_, offset) => from + offset);
}
