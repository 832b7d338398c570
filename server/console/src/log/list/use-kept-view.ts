import type { RefObject } from 'react';
import { useLayoutEffect, useRef } from 'react';

interface KeptViewOptions {
  readonly scroller: RefObject<HTMLDivElement | null>;
  /** The height of all rows, in CSS pixels. */
  readonly height: number;
  /** Changes when rows were put before the first one. */
  readonly prepended: number;
  readonly following: boolean;
}

/** Leaves the rows that the reader looks at where they are when others are put before them. */
export function useKeptView({ scroller, height, prepended, following }: KeptViewOptions): void {
  const before = useRef({ height, prepended });
  useLayoutEffect(() => {
    const last = before.current;
    before.current = { height, prepended };
    if (last.prepended === prepended || following || scroller.current === null) return;
    scroller.current.scrollTop += height - last.height;
  });
}
