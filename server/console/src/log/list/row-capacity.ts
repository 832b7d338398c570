/** Rows that are added to the room at once, at least. */
const STEP_MIN_ROWS = 64;
/** The step is between a 32nd and a 16th of the rows that are held. */
const STEPS_LOG2 = 4;

/**
 * How many rows the list of so many is laid out for. Laying out walks all of them, so that it must not happen for each
 * line that comes: as with an array that grows, there is room for some more, in steps that grow with what is held.
 */
export function rowCapacity(count: number): number {
  const step = Math.max(STEP_MIN_ROWS, 2 ** (Math.floor(Math.log2(Math.max(1, count))) - STEPS_LOG2));
  return Math.ceil(count / step) * step;
}
