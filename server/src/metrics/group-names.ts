import type { LaunchDimension, LaunchMetricsGroup } from '@launchlog/shared/launch-metrics';
import type { FactColumn, FactValue } from './sql-launch-facts.js';

type GroupName = LaunchMetricsGroup['group'];

const HOUR_MS = 3_600_000;
/** What follows the day. */
const HOUR_TEXT = 'T00:00Z'.length;

/** Gives each group of launches a number: 0, 1, 2, … */
export class GroupNames {
  readonly #groupBy: readonly LaunchDimension[];
  readonly #numbers = new Map<string, number>();
  readonly #names: GroupName[] = [];

  constructor(groupBy: readonly LaunchDimension[]) {
    this.#groupBy = groupBy;
  }

  /** The columns by which the database groups. Times come from the facts of a launch. */
  get columns(): readonly FactColumn[] {
    return this.#groupBy.filter((name) => name !== 'day' && name !== 'hour');
  }

  get size(): number {
    return this.#names.length;
  }

  /** `{}` for a number that no group has. */
  nameOf(number: number): GroupName {
    return this.#names[number] ?? {};
  }

  /** The number of the group of launches that share these values, by milliseconds of their request. */
  among(values: ReadonlyMap<FactColumn, FactValue>): (createdMs: number) => number {
    const hours = new Map<number, number>();
    const byTime = this.#groupBy.includes('day') || this.#groupBy.includes('hour');
    return (createdMs) => {
      const hour = byTime ? Math.floor(createdMs / HOUR_MS) : 0;
      const known = hours.get(hour);
      if (known !== undefined) return known;
      const number = this.#numberOf(values, hourText(hour));
      hours.set(hour, number);
      return number;
    };
  }

  #numberOf(values: ReadonlyMap<FactColumn, FactValue>, hour: string): number {
    const cells = this.#groupBy.map((name) => {
      if (name === 'hour') return hour;
      return name === 'day' ? hour.slice(0, -HOUR_TEXT) : (values.get(name) ?? null);
    });
    const key = JSON.stringify(cells);
    const number = this.#numbers.get(key) ?? this.#names.length;
    if (number === this.#names.length) {
      this.#numbers.set(key, number);
      this.#names.push(Object.fromEntries(this.#groupBy.map((name, index) => [name, cells[index] ?? null])));
    }
    return number;
  }
}

/** Prints a time as PostgreSQL does, also before the year 1 and after the year 9999: `2026-11-27T02:00Z`. */
function hourText(hour: number): string {
  const date = new Date(hour * HOUR_MS);
  const two = (part: number) => String(part).padStart(2, '0');
  const year = date.getUTCFullYear();
  const day = [
    String(year > 0 ? year : 1 - year).padStart(4, '0'),
    two(date.getUTCMonth() + 1),
    two(date.getUTCDate()),
  ];
  return `${day.join('-')}T${two(date.getUTCHours())}:00Z`;
}
