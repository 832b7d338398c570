import { useState } from 'react';

export interface Matches {
  readonly count: number;
  /** The number of the current match, from 1; 0 before the first step. */
  readonly position: number;
  /** The row index of the current match. */
  readonly currentIndex: number | undefined;
  readonly go: (step: 1 | -1) => void;
}

/** The current match of the search, and steps to the next or previous one. */
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
