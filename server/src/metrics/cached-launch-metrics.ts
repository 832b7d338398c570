import type {
  LaunchMetrics,
  LaunchMetricsQuery,
  UsualPhases,
  UsualPhasesQuery,
} from '@launchlog/shared/launch-metrics';
import type { Clock } from '../clock.js';
import type { LaunchMetricsReader, Reached } from './launch-metrics.js';

/** How old an answer may be. */
const FRESH_MS = 5_000;
const ANSWERS_MAX = 200;

interface CachedAnswer {
  readonly value: Promise<unknown>;
  readonly untilMs: number;
}

/** Asks once for all callers that ask the same within a few seconds. A failure is not kept. */
export class CachedLaunchMetrics implements LaunchMetricsReader {
  readonly #reader: LaunchMetricsReader;
  readonly #clock: Clock;
  readonly #answers = new Map<string, CachedAnswer>();

  constructor(reader: LaunchMetricsReader, clock: Clock) {
    this.#reader = reader;
    this.#clock = clock;
  }

  launches(query: Reached<LaunchMetricsQuery>): Promise<LaunchMetrics> {
    return this.#answer(`launches ${keyOf(query)}`, () => this.#reader.launches(query));
  }

  phases(query: Reached<UsualPhasesQuery>): Promise<UsualPhases> {
    return this.#answer(`phases ${keyOf(query)}`, () => this.#reader.phases(query));
  }

  #answer<Value>(key: string, ask: () => Promise<Value>): Promise<Value> {
    const now = this.#clock.monotonic();
    const known = this.#answers.get(key);
    if (known !== undefined && now < known.untilMs) return known.value as Promise<Value>;
    const value = ask();
    const answer = { value, untilMs: now + FRESH_MS };
    this.#answers.delete(key);
    this.#answers.set(key, answer);
    value.catch(() => {
      if (this.#answers.get(key) === answer) this.#answers.delete(key);
    });
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= ANSWERS_MAX) break;
      this.#answers.delete(oldest);
    }
    return value;
  }
}

/** The same for the same fields, in whatever order they were given. */
function keyOf(query: object): string {
  const fields = Object.entries(query).filter(([, value]) => value !== undefined);
  return JSON.stringify(fields.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
