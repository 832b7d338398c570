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

  /** Of all groups. */
  all(): SampleValues {
    return new SampleValues(new Float64Array(this.#values));
  }

  /** Of each group that has a place, `0` to `count - 1`, in that order. `places`: by group; -1 without. */
  ofPlaces(places: Int32Array, count: number): readonly SampleValues[] {
    const bounds = this.#bounds(places, count);
    const values = new Float64Array(bounds[count] ?? 0);
    const next = bounds.slice();
    for (let index = 0; index < this.#groups.length; index += 1) {
      const place = places[this.#groups[index] ?? -1] ?? -1;
      if (place < 0) continue;
      const at = next[place] ?? 0;
      values[at] = this.#values[index] ?? NaN;
      next[place] = at + 1;
    }
    return Array.from(
      { length: count },
      (_, place) => new SampleValues(values.subarray(bounds[place], bounds[place + 1])),
    );
  }

  /** Where the values of each place begin among those of all places, and at last where they end. */
  #bounds(places: Int32Array, count: number): Uint32Array {
    const bounds = new Uint32Array(count + 1);
    for (const group of this.#groups) {
      const place = places[group] ?? -1;
      if (place >= 0) bounds[place + 1] = (bounds[place + 1] ?? 0) + 1;
    }
    for (let place = 1; place <= count; place += 1) {
      bounds[place] = (bounds[place] ?? 0) + (bounds[place - 1] ?? 0);
    }
    return bounds;
  }
}

/** What is reported of some values. Each is undefined without any. */
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

  /** Between the two nearest values, as `percentile_cont` of PostgreSQL. */
  #percentile(share: number): number {
    const place = share * (this.#values.length - 1);
    const floor = Math.floor(place);
    const below = select(this.#values, floor);
    if (place === floor) return below;
    let above = Infinity;
    for (let index = floor + 1; index < this.#values.length; index += 1) {
      above = Math.min(above, this.#values[index] ?? Infinity);
    }
    return below + (place - floor) * (above - below);
  }
}

/**
 * The value that would be at this place if all were sorted. Moves smaller ones before it and larger ones behind: Hoare's
 * selection, which takes a small part of the time of a sort.
 */
function select(values: Float64Array, place: number): number {
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
    if (place <= high) last = high;
    else if (place >= low) first = low;
    else break;
  }
  return at(place);
}
