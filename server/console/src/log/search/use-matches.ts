import { useState } from 'react';

export interface Matches {
  readonly count: number;
  /** From 1; 0 before one was gone to. */
  readonly position: number;
  /** Row of the match gone to. */
  readonly currentIndex: number | undefined;
  readonly go: (step: 1 | -1) => void;
}

/** Which match the reader is at. Rows that come or go move it no further than they must. */
export function useMatches(indexes: readonly number[], show: (index: number) => void): Matches {
  const [at, setAt] = useState<number>();
  const valid = at !== undefined && at < indexes.length ? at : undefined;
  const go = (step: 1 | -1) => {
    const last = indexes.length - 1;
    if (last < 0) return;
    const from = valid ?? (step === 1 ? -1 : indexes.length);
    const next = from + step > last ? 0 : from + step < 0 ? last : from + step;
    setAt(next);
    const index = indexes[next];
    if (index !== undefined) show(index);
  };
  return {
    count: indexes.length,
    position: valid === undefined ? 0 : valid + 1,
    currentIndex: valid === undefined ? undefined : indexes[valid],
    go,
  };
}
