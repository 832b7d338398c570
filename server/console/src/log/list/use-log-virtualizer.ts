import type { Virtualizer } from '@tanstack/react-virtual';
import { useVirtualizer } from '@tanstack/react-virtual';
import type { RefObject } from 'react';
import { useCallback } from 'react';
import type { ShownRow } from '../line/log-row.js';
import { drawnRows } from './drawn-rows.js';
import { rowCapacity } from './row-capacity.js';

/** One line of 12-pixel text; see `.log-row` in `log.css`. */
const ROW_HEIGHT_PX = 20;
const OVERSCAN_ROWS = 20;

/** Determines which rows are elements and where. `rows` grows in place; a new array means other rows. */
export function useLogVirtualizer(
  scroller: RefObject<HTMLDivElement | null>,
  rows: readonly ShownRow[],
  following: boolean,
): Virtualizer<HTMLDivElement, Element> {
  // A new function lays out all rows again, so it must stay the same while lines arrive. Ids are never negative.
  const getItemKey = useCallback((index: number) => rows[index]?.id ?? -1 - index, [rows]);
  const capacity = rowCapacity(rows.length);
  const virtualizer: Virtualizer<HTMLDivElement, Element> = useVirtualizer({
    count: capacity,
    // Subtracts the height of the rows that are laid out but have not arrived.
    paddingEnd: (rows.length - capacity) * ROW_HEIGHT_PX,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT_PX,
    overscan: OVERSCAN_ROWS,
    getItemKey,
    rangeExtractor: (view) =>
      drawnRows(
        { ...view, count: rows.length },
        following,
        Math.ceil((virtualizer.scrollRect?.height ?? 0) / ROW_HEIGHT_PX),
      ),
    useFlushSync: false,
  });
  return virtualizer;
}
