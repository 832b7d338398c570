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
/** What one statement looks at, so that none takes long. */
const PART_MS = 60 * 60_000;

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
  const parts: PastTime[] = [{ sinceMs: Math.min(ms, PART_MS) }];
  for (let untilMs = PART_MS; untilMs < ms; untilMs += PART_MS) {
    parts.push({ sinceMs: Math.min(ms, untilMs + PART_MS), untilMs });
  }
  return parts;
}

function elapsedMs(from: Moment, to: Moment): number {
  return Math.max(to.monotonicMs - from.monotonicMs, to.dayMs - from.dayMs);
}
