interface PieceBounds<Item> {
  readonly maxItems: number;
  /** Of the items of a piece together, apart from a single item that is larger. In the unit of `sizeOf`. */
  readonly maxSize: number;
  readonly sizeOf: (item: Item) => number;
}

/** Divides items into pieces within these bounds, in order: as much as one turn of the event loop, or one request, takes. */
export function* piecesOf<Item>(
  items: readonly Item[],
  { maxItems, maxSize, sizeOf }: PieceBounds<Item>,
): Generator<Item[], void> {
  let piece: Item[] = [];
  let size = 0;
  for (const item of items) {
    const own = sizeOf(item);
    size += own;
    if (piece.length > 0 && (size > maxSize || piece.length === maxItems)) {
      yield piece;
      piece = [];
      size = own;
    }
    piece.push(item);
  }
  if (piece.length > 0) yield piece;
}
