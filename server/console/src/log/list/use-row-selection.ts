import type { KeyboardEvent, RefObject } from 'react';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { LogRow } from '../line/log-row.js';
import type { RowRange } from './row-range.js';
import { coversId, nativeRange } from './row-range.js';
import { useDrawnRange } from './use-drawn-range.js';

interface RowSelection extends ReturnType<typeof useDrawnRange> {
  readonly range: RowRange | undefined;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

interface RowSelectionOptions {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly rows: readonly LogRow[];
  readonly textOf: (rows: readonly LogRow[]) => string;
}

/**
 * Whole rows, selected by drawing over them, by Shift and a click, or all of them by Ctrl+A. The browser's own selection
 * would lose the rows that scroll out of view, which are no elements any more, and copy columns as lines.
 */
export function useRowSelection({ scroller, rows, textOf }: RowSelectionOptions): RowSelection {
  const [range, render] = useState<RowRange>();
  // A copy may follow before React has rendered.
  const chosen = useRef<RowRange>(undefined);
  const setRange = useCallback((next: RowRange | undefined) => {
    chosen.current = next;
    render(next);
  }, []);
  const drawing = useDrawnRange({ scroller, range, setRange });
  useCopied(scroller, chosen, (copied) => textOf(rows.filter((row) => coversId(copied, row.id))));
  useEffect(() => {
    const leave = (event: Event) => {
      if (!scroller.current?.contains(event.target as Element | null)) setRange(undefined);
    };
    document.addEventListener('pointerdown', leave);
    return () => document.removeEventListener('pointerdown', leave);
  }, [scroller, setRange]);
  return {
    range,
    ...drawing,
    onKeyDown: (event) => {
      const [first, last] = [rows[0], rows.at(-1)];
      if (event.key === 'Escape') setRange(undefined);
      const isAll = event.key.toLowerCase() === 'a' && (event.ctrlKey || event.metaKey);
      if (!isAll || first === undefined || last === undefined) return;
      event.preventDefault();
      setRange({ anchorId: first.id, focusId: last.id });
    },
  };
}

/** Gives a copy its text: whole lines with their columns, also of rows that are not in view. */
function useCopied(
  scroller: RefObject<HTMLDivElement | null>,
  range: { readonly current: RowRange | undefined },
  textOf: (range: RowRange) => string,
): void {
  const latest = useRef(textOf);
  useEffect(() => {
    latest.current = textOf;
  });
  useEffect(() => {
    const copy = (event: ClipboardEvent) => {
      const selection = document.getSelection();
      const inLog = scroller.current?.contains(selection?.anchorNode ?? null) === true;
      const chosen = range.current ?? (inLog ? nativeRange(selection) : undefined);
      const target = event.target as Element | null;
      if (chosen === undefined || target?.closest('input, textarea') !== null) return;
      event.preventDefault();
      event.clipboardData?.setData('text/plain', latest.current(chosen));
    };
    document.addEventListener('copy', copy);
    return () => document.removeEventListener('copy', copy);
  }, [scroller, range]);
}
