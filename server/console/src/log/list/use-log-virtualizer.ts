import type { Virtualizer } from '@tanstack/react-virtual';
import { useVirtualizer } from '@tanstack/react-virtual';
import type { RefObject } from 'react';
import { useCallback } from 'react';
import type { LogRow } from '../line/log-row.js';
import { drawnRows } from './drawn-rows.js';
import { rowCapacity } from './row-capacity.js';

/** One line of 12-pixel text; see `.log-row` in `log.css`. */
const ROW_HEIGHT_PX = 20;
const OVERSCAN_ROWS = 20;

/** Says which rows are elements, and where. `rows` grows in place; other rows come as another array. */
export function useLogVirtualizer(
  scroller: RefObject<HTMLDivElement | null>,
  rows: readonly LogRow[],
  following: boolean,
): Virtualizer<HTMLDivElement, Element> {
  // Another function lays all rows out again, so it must be the same while lines come. Ids are never negative.
  const getItemKey = useCallback((index: number) => rows[index]?.id ?? -1 - index, [rows]);
  const room = rowCapacity(rows.length);
  const virtualizer: Virtualizer<HTMLDivElement, Element> = useVirtualizer({
    count: room,
    // Takes off again what there is room for and not there yet.
    paddingEnd: (rows.length - room) * ROW_HEIGHT_PX,
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
