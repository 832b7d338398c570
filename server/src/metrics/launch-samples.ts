import type { LaunchCost, Spread } from '@launchlog/shared/launch-metrics';

/** Values of one measure, each of one group: groups are numbered from 0. */
export class LaunchSamples {
  readonly #groups: number[] = [];
  readonly #values: number[] = [];

  /** NaN is no sample. */
  add(group: number, value: number): void {
    if (Number.isNaN(value)) return;
    this.#groups.push(group);
    this.#values.push(value);
  }

  /** The values of all groups together. */
  all(): SampleValues {
    return new SampleValues(new Float64Array(this.#values));
  }

  /**
   * The values of each group that has a rank from `0` to `count - 1`, in that order. `ranks` has the rank of each group; -1
   * for none.
   */
  ofRanks(ranks: Int32Array, count: number): readonly SampleValues[] {
    const bounds = this.#bounds(ranks, count);
    const values = new Float64Array(bounds[count] ?? 0);
    const next = bounds.slice();
    for (let index = 0; index < this.#groups.length; index += 1) {
      const rank = ranks[this.#groups[index] ?? -1] ?? -1;
      if (rank < 0) continue;
      const at = next[rank] ?? 0;
      values[at] = this.#values[index] ?? NaN;
      next[rank] = at + 1;
    }
    return Array.from(
      { length: count },
      (_, rank) => new SampleValues(values.subarray(bounds[rank], bounds[rank + 1])),
    );
  }

  /** The index at which the values of each rank begin, and at last the index at which they end. */
  #bounds(ranks: Int32Array, count: number): Uint32Array {
    const bounds = new Uint32Array(count + 1);
    for (const group of this.#groups) {
      const rank = ranks[group] ?? -1;
      if (rank >= 0) bounds[rank + 1] = (bounds[rank + 1] ?? 0) + 1;
    }
    for (let rank = 1; rank <= count; rank += 1) {
      bounds[rank] = (bounds[rank] ?? 0) + (bounds[rank - 1] ?? 0);
    }
    return bounds;
  }
}

/** Statistics of some values. Each is undefined without values. */
export class SampleValues {
  readonly #values: Float64Array;

  /** Takes the values over, and orders them as it needs. */
  constructor(values: Float64Array) {
    this.#values = values;
  }

  get spread(): Spread | undefined {
    const samples = this.#values.length;
    if (samples === 0) return undefined;
    return {
      samples,
      average: this.#sum() / samples,
      p50: this.#percentile(0.5),
      p95: this.#percentile(0.95),
    };
  }

  get cost(): LaunchCost | undefined {
    const { spread } = this;
    return spread && { ...spread, total: this.#sum() };
  }

  #sum(): number {
    let sum = 0;
    for (const value of this.#values) sum += value;
    return sum;
  }

  /** Interpolates between the two nearest values, as `percentile_cont` of PostgreSQL. */
  #percentile(share: number): number {
    const rank = share * (this.#values.length - 1);
    const floor = Math.floor(rank);
    const below = select(this.#values, floor);
    if (rank === floor) return below;
    let above = Infinity;
    for (let index = floor + 1; index < this.#values.length; index += 1) {
      above = Math.min(above, this.#values[index] ?? Infinity);
    }
    return below + (rank - floor) * (above - below);
  }
}

/**
 * The value that would have this rank if all were sorted. Moves smaller ones before it and larger ones behind: Hoare's
 * selection, which takes a small part of the time of a sort.
 */
function select(values: Float64Array, rank: number): number {
  const at = (index: number) => values[index] ?? NaN;
  for (let first = 0, last = values.length - 1; first < last;) {
    const pivot = at((first + last) >> 1);
    let [low, high] = [first, last];
    while (low <= high) {
      while (at(low) < pivot) low += 1;
      while (at(high) > pivot) high -= 1;
      if (low > high) break;
      const value = at(low);
      values[low] = at(high);
      values[high] = value;
      low += 1;
      high -= 1;
    }
    if (rank <= high) last = high;
    else if (rank >= low) first = low;
    else break;
  }
  return at(rank);
}
