/** The smallest step by which the capacity grows. */
const STEP_MIN_ROWS = 64;
/** The step is between 1/32 and 1/16 of the rows held. */
const STEPS_LOG2 = 4;

/**
 * The number of rows for which a list of `count` rows is laid out. Laying out visits every row, so it must not happen for
 * each new line. As in a growable array, the capacity grows in steps that are proportional to the rows held. See
 * decision 96.
 */
export function rowCapacity(count: number): number {
  const step = Math.max(STEP_MIN_ROWS, 2 ** (Math.floor(Math.log2(Math.max(1, count))) - STEPS_LOG2));
  return Math.ceil(count / step) * step;
}
