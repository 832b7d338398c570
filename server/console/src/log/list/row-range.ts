/** A selection of rows by their ids, which stay the same while the list scrolls and grows. */
export interface RowRange {
  readonly anchorId: number;
  readonly focusId: number;
}

export function coversId({ anchorId, focusId }: RowRange, id: number): boolean {
  return Math.min(anchorId, focusId) <= id && id <= Math.max(anchorId, focusId);
}

/** The id of the row that an element belongs to; undefined outside of rows. */
export function rowIdAt(element: Element | null | undefined): number | undefined {
  const id = element?.closest<HTMLElement>('.log-row')?.dataset['id'];
  return id === undefined ? undefined : Number(id);
}

const ONE_TEXT = '.log-message, .line-details';

/** What the browser has selected: several rows, or one from column to column. Undefined within one message. */
export function nativeRange(selection: Selection | null): RowRange | undefined {
  if (selection === null || selection.isCollapsed) return undefined;
  const anchor = elementOf(selection.anchorNode);
  const focus = elementOf(selection.focusNode);
  const anchorId = rowIdAt(anchor);
  const focusId = rowIdAt(focus);
  if (anchorId === undefined || focusId === undefined) return undefined;
  const inMessage = anchor?.closest(ONE_TEXT) ?? null;
  if (inMessage !== null && inMessage === focus?.closest(ONE_TEXT)) return undefined;
  return { anchorId, focusId };
}

function elementOf(node: Node | null): Element | undefined {
  if (node === null) return undefined;
  return node instanceof Element ? node : (node.parentElement ?? undefined);
}
