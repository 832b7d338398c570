import type { PointerEvent, RefObject } from 'react';
import { useRef } from 'react';
import type { RowRange } from './row-range.js';
import { rowIdAt } from './row-range.js';

interface DrawnRangeOptions {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly range: RowRange | undefined;
  readonly setRange: (range: RowRange | undefined) => void;
}

/** How far a pointer beyond the edge scrolls the list with each move. */
const EDGE_SCROLL_PX = 40;

/** Draws a range of rows with the pointer. A touch scrolls the list instead. */
export function useDrawnRange({ scroller, range, setRange }: DrawnRangeOptions) {
  const drawing = useRef<{ anchorId: number; x: number; y: number }>(undefined);
  const lastId = useRef<number>(undefined);
  const extend = () => {
    const element = scroller.current;
    const drawn = drawing.current;
    if (element === null || drawn === undefined) return;
    const { top, right, bottom, left } = element.getBoundingClientRect();
    const y = Math.min(bottom - 2, Math.max(top + 2, drawn.y));
    const x = Math.min(right - 20, Math.max(left + 4, drawn.x));
    const focusId = rowIdAt(document.elementFromPoint(x, y));
    if (focusId === undefined || (range === undefined && focusId === drawn.anchorId)) return;
    document.getSelection()?.removeAllRanges();
    setRange({ anchorId: drawn.anchorId, focusId });
    if (y !== drawn.y) element.scrollBy(0, drawn.y < y ? -EDGE_SCROLL_PX : EDGE_SCROLL_PX);
  };
  return {
    onPointerDown: (event: PointerEvent) => {
      const target = event.target as Element;
      const id = rowIdAt(target);
      if (event.button !== 0 || id === undefined || event.pointerType === 'touch') return;
      if (target.closest('a, .log-more, .line-details') !== null) return;
      if (event.shiftKey && lastId.current !== undefined) {
        event.preventDefault();
        setRange({ anchorId: lastId.current, focusId: id });
        return;
      }
      lastId.current = id;
      drawing.current = { anchorId: id, x: event.clientX, y: event.clientY };
      setRange(undefined);
    },
    onPointerMove: (event: PointerEvent) => {
      if (drawing.current === undefined) return;
      if (event.buttons % 2 === 0) {
        drawing.current = undefined;
        return;
      }
      drawing.current = { ...drawing.current, x: event.clientX, y: event.clientY };
      if (range !== undefined) scroller.current?.setPointerCapture(event.pointerId);
      extend();
    },
    onPointerUp: () => {
      extend();
      drawing.current = undefined;
    },
    /** The list has scrolled beneath the pointer. Its rows are drawn in the frame after the next one. */
    onDrawnScroll: () => {
      if (drawing.current !== undefined) requestAnimationFrame(() => requestAnimationFrame(extend));
    },
  };
}
