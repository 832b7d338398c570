import type { Clock } from '../clock.js';

interface LookBackOptions {
  readonly clock: Clock;
  /** How far a whole look goes back. */
  readonly wholeMs: number;
}

/** How much looks overlap: more than a transaction lasts, and than clocks of servers differ. */
const OVERLAP_MS = 10 * 60_000;
/** How often a whole look is repeated, in case a row became visible even later. */
const WHOLE_EVERY_MS = 60 * 60_000;
/** A look is divided into parts of at least this time, and into at most this many, so that no statement takes long. */
const PART_MIN_MS = 60 * 60_000;
const PARTS_MAX = 48;

/** Both clocks at one moment: the time of day advances while a machine sleeps, and the monotonic time is never set back. */
interface Moment {
  readonly monotonicMs: number;
  readonly dayMs: number;
}

/** A span that begins `sinceMs` and ends `untilMs` milliseconds ago. Without `untilMs` it is open: it includes later times. */
export interface PastSpan {
  readonly sinceMs: number;
  readonly untilMs?: number | undefined;
}

interface FilledRows {
  /** Adds a bounded number of the missing rows of the span, and resolves to their number. */
  fill(sinceMs: number, untilMs?: number): Promise<number>;
}

interface Look {
  /** The spans to look at, one after another, the latest first. */
  readonly parts: readonly PastSpan[];
  readonly isWhole: boolean;
  /** Call it when all parts were looked at. */
  readonly succeeded: () => void;
}

/**
 * Decides how far a loop that looks for new rows looks back: all the way at first, after a failure and every hour; otherwise to
 * its last look, with an overlap. So a look that finds nothing costs the same however many old rows there are, and a process
 * that is killed misses nothing.
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

  /** Looks once and adds all missing rows. Resolves to whether it looked all the way back and came to the end. */
  async fill(rows: FilledRows, stopping: AbortSignal): Promise<boolean> {
    const { parts, isWhole, succeeded } = this.begin();
    for (const { sinceMs, untilMs } of parts) {
      while ((await rows.fill(sinceMs, untilMs)) > 0) if (stopping.aborted) return false;
    }
    succeeded();
    return isWhole;
  }

  /** After a failure: makes the next look a whole one. */
  forget(): void {
    this.#whole = undefined;
  }

  #now(): Moment {
    const { clock } = this.#options;
    return { monotonicMs: clock.monotonic(), dayMs: clock.now() };
  }
}

/** Time passes while the parts are looked at, so each part reaches at least to the one before it. */
function partsOf(ms: number): PastSpan[] {
  const partMs = Math.max(PART_MIN_MS, Math.ceil(ms / PARTS_MAX));
  const parts: PastSpan[] = [{ sinceMs: Math.min(ms, partMs) }];
  for (let untilMs = partMs; untilMs < ms; untilMs += partMs) {
    parts.push({ sinceMs: Math.min(ms, untilMs + partMs), untilMs });
  }
  return parts;
}

function elapsedMs(from: Moment, to: Moment): number {
  return Math.max(to.monotonicMs - from.monotonicMs, to.dayMs - from.dayMs);
}
