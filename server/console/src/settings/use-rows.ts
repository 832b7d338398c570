import { useDeferredValue, useMemo, useState } from 'react';
import { useUrl } from '../router/url-store.js';
import { useStore } from '../state/store.js';

/** Rows that are drawn at once, and by each press of the button that shows more. */
const ROWS_STEP = 100;

export interface Rows<Row> {
  /** What is typed into the filter; a part of the URL. */
  readonly filter: string;
  readonly setFilter: (text: string) => void;
  /** The beginning of those that match. */
  readonly drawn: readonly Row[];
  /** How many match, and how many there are. */
  readonly matching: number;
  readonly total: number;
  readonly drawMore: () => void;
}

/**
 * The rows of a list that has arrived as a whole: those that hold every word of the filter, some at a time. `textOf` must
 * stay the same.
 */
export function useRows<Row>(rows: readonly Row[] | undefined, textOf: (row: Row) => string): Rows<Row> {
  const url = useUrl();
  const filter = useStore(url.store).search.get('find') ?? '';
  const [shown, setShown] = useState({ filter, count: ROWS_STEP });
  const count = shown.filter === filter ? shown.count : ROWS_STEP;
  const typed = useDeferredValue(filter);
  const found = useMemo(() => matchingRows(rows ?? [], typed, textOf), [rows, typed, textOf]);
  return {
    filter,
    setFilter: (text) => url.patchSearch({ find: text }),
    drawn: found.slice(0, count),
    matching: found.length,
    total: rows?.length ?? 0,
    drawMore: () => setShown({ filter, count: count + ROWS_STEP }),
  };
}

function matchingRows<Row>(
  rows: readonly Row[],
  filter: string,
  textOf: (row: Row) => string,
): readonly Row[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const text = textOf(row).toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
