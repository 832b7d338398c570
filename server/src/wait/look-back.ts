import type { Clock } from '../clock.js';

interface LookBackOptions {
  readonly clock: Clock;
  /** How far a whole look goes back. */
  readonly wholeMs: number;
}

/** How much looks overlap: more than a transaction lasts, and than clocks of servers differ. */
const OVERLAP_MS = 10 * 60_000;
/** A whole look is repeated this often, should a row have become visible even later. */
const WHOLE_EVERY_MS = 60 * 60_000;
/** A look is divided into parts of at least this time, and at most so many, so that no statement takes long. */
const PART_MIN_MS = 60 * 60_000;
const PARTS_MAX = 48;

/** Of one moment: the time of day goes on while a machine sleeps, and the monotonic time is never set back. */
interface Moment {
  readonly monotonicMs: number;
  readonly dayMs: number;
}

/** From so many milliseconds ago until so many milliseconds ago; without `untilMs` until now, and whatever has a later time. */
interface PastTime {
  readonly sinceMs: number;
  readonly untilMs?: number;
}

interface FilledRows {
  /** Adds a bounded number of the rows that are missing for that time, and resolves to how many. */
  fill(sinceMs: number, untilMs?: number): Promise<number>;
}

interface Look {
  /** What is to be looked at, one after another, the latest first. */
  readonly parts: readonly PastTime[];
  readonly isWhole: boolean;
  /** All parts were looked at. */
  readonly succeeded: () => void;
}

/**
 * How far one loop that looks for new rows has to look back: all the way at first, after a failure and every hour; otherwise only to
 * its last look, with an overlap. So a look that finds nothing costs the same however many old rows there are, and a process
 * that was killed misses nothing.
 */
export class LookBack {
  readonly #options: LookBackOptions;
  #whole: Moment | undefined;
  #last: Moment | undefined;

  constructor(options: LookBackOptions) {
    this.#options = options;
  }

  begin(): Look {
    const { wholeMs } = this.#options;
    const now = this.#now();
    const isWhole =
      this.#whole === undefined || this.#last === undefined || elapsedMs(this.#whole, now) >= WHOLE_EVERY_MS;
    const recentMs = this.#last === undefined ? wholeMs : elapsedMs(this.#last, now) + OVERLAP_MS;
    return {
      parts: partsOf(isWhole ? wholeMs : Math.min(wholeMs, recentMs)),
      isWhole,
      succeeded: () => {
        this.#last = now;
        if (isWhole) this.#whole = now;
      },
    };
  }

  /** One look, which adds all rows that are missing. Resolves to whether it was a whole one and came to its end. */
  async fill(rows: FilledRows, stopping: AbortSignal): Promise<boolean> {
    const { parts, isWhole, succeeded } = this.begin();
    for (const { sinceMs, untilMs } of parts) {
      while ((await rows.fill(sinceMs, untilMs)) > 0) if (stopping.aborted) return false;
    }
    succeeded();
    return isWhole;
  }

  /** Something failed: the next look is a whole one. */
  forget(): void {
    this.#whole = undefined;
  }

  #now(): Moment {
    const { clock } = this.#options;
    return { monotonicMs: clock.monotonic(), dayMs: clock.now() };
  }
}

/** Time goes on while they are looked at, so that a part reaches at least to the one before it. */
function partsOf(ms: number): PastTime[] {
  const partMs = Math.max(PART_MIN_MS, Math.ceil(ms / PARTS_MAX));
  const parts: PastTime[] = [{ sinceMs: Math.min(ms, partMs) }];
  for (let untilMs = partMs; untilMs < ms; untilMs += partMs) {
    parts.push({ sinceMs: Math.min(ms, untilMs + partMs), untilMs });
  }
  return parts;
}

function elapsedMs(from: Moment, to: Moment): number {
  return Math.max(to.monotonicMs - from.monotonicMs, to.dayMs - from.dayMs);
}
