import { UsageError } from '../session/exit-code.js';
import { parseMoment } from './flag-value.js';

interface Now {
  readonly nowMs: number;
  /** Read clock times and dates as UTC, not as local time. */
  readonly utc: boolean;
}

const CLOCK = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/;
const DATE = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d))?)?$/;
const DAY_MS = 86_400_000;

/**
 * Converts what a person calls a moment in the past to an RFC 3339 time: a duration before now, `now`, `today` and
 * `yesterday` (their midnight), `09:30` (the last time that a clock showed it), a date with or without a time, or an
 * RFC 3339 time, which is returned unchanged. Throws a UsageError that names the flag.
 */
export function parsePast(text: string, flag: string, now: Now): string {
  const ms = localMs(text.trim().toLowerCase(), now);
  if (ms !== undefined) return new Date(ms).toISOString();
  try {
    return parseMoment(text, flag, now.nowMs);
  } catch {
    throw new UsageError(
      `${flag} must be a duration such as 90s, 10m, 1h30m, 2d or 1w, a time such as 09:30, 2026-01-31 or ` +
        `2026-01-31T09:30, today, yesterday or an RFC 3339 time, not '${text}'`,
    );
  }
}

/** The moments of `--since` and `--until`, each as `parsePast` reads it. Both are undefined where their flag is absent. */
export function pastWindow(
  { since, until }: { readonly since?: string | undefined; readonly until?: string | undefined },
  now: Now,
): { since: string | undefined; until: string | undefined } {
  return {
    since: since === undefined ? undefined : parsePast(since, '--since', now),
    until: until === undefined ? undefined : parsePast(until, '--until', now),
  };
}

/** Returns undefined if the text has none of these forms. */
function localMs(text: string, { nowMs, utc }: Now): number | undefined {
  if (text === 'now') return nowMs;
  const midnight = new Date(nowMs);
  if (utc) midnight.setUTCHours(0, 0, 0, 0);
  else midnight.setHours(0, 0, 0, 0);
  if (text === 'today') return midnight.getTime();
  if (text === 'yesterday') return dayBefore(midnight.getTime(), utc);
  const clock = CLOCK.exec(text);
  if (clock !== null) {
    const today = at(midnight, numbersOf(clock), utc);
    return today <= nowMs ? today : dayBefore(today, utc);
  }
  const date = DATE.exec(text.replace(/t/, 'T'));
  return date === null ? undefined : dateMs(numbersOf(date), utc);
}

function at(midnight: Date, [hours = 0, minutes = 0, seconds = 0]: readonly number[], utc: boolean): number {
  const moment = new Date(midnight);
  if (utc) return moment.setUTCHours(hours, minutes, seconds);
  return moment.setHours(hours, minutes, seconds);
}

/** The same time by the clock, also where the clocks changed between the two days. */
function dayBefore(ms: number, utc: boolean): number {
  if (utc) return ms - DAY_MS;
  const moment = new Date(ms);
  return moment.setDate(moment.getDate() - 1);
}

/** Returns undefined for a day that no calendar has, such as 2026-02-30. */
function dateMs(parts: readonly number[], utc: boolean): number | undefined {
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = parts;
  const asUtc = new Date(Date.UTC(year, month - 1, day, hours, minutes, seconds));
  const exists =
    asUtc.getUTCMonth() === month - 1 && asUtc.getUTCDate() === day && asUtc.getUTCHours() === hours;
  if (!exists || minutes > 59 || seconds > 59) return undefined;
  return utc ? asUtc.getTime() : new Date(year, month - 1, day, hours, minutes, seconds).getTime();
}

function numbersOf(match: RegExpExecArray): readonly number[] {
  return match.slice(1).map((part) => Number((part as string | undefined) ?? 0));
}
