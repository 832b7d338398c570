/** Binary search: the index of the first of `count` ascending values that is at least `wanted`; `count` if none is. */
export function firstAtLeast(count: number, wanted: number, valueAt: (index: number) => number): number {
  let from = 0;
  let to = count;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (valueAt(middle) < wanted) from = middle + 1;
    else to = middle;
  }
  return from;
}
