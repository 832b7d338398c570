/** The rows in view, both ends included, of `count` rows in total. */
interface RowsInView {
  readonly startIndex: number;
  readonly endIndex: number;
  /** Number of rows drawn beyond them on each side. */
  readonly overscan: number;
  readonly count: number;
}

/**
 * The indexes of the rows that become elements. While the end is followed, these are the last rows, whatever is in view: the
 * list scrolls there in the same frame, and rows drawn for the old position would leave it blank until the next frame.
 * `heldRows` is the number of rows that fit into the view.
 */
export function drawnRows(view: RowsInView, following: boolean, heldRows: number): number[] {
  const { startIndex, endIndex, overscan, count } = view;
  const inView = Math.max(endIndex - startIndex + 1, heldRows);
  const first = following ? count - inView : startIndex;
  const last = following ? count - 1 : Math.min(endIndex + overscan, count - 1);
  const from = Math.max(0, first - overscan);
  return Array.from({ length: Math.max(0, last - from + 1) }, (_, offset) => from + offset);
}
