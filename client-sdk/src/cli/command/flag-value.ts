import type { z } from 'zod';
import { UsageError } from '../session/exit-code.js';

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };
const DAY_MS = 86_400_000;
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** Parses a number. Text that is not one as a whole is NaN, which the rule of the flag refuses with its limits. */
export function numberOption(text: string): number {
  const value = Number(text);
  return text.trim() === '' || !Number.isFinite(value) ? Number.NaN : value;
}

/** Throws a UsageError that names the flag if the number is not a count. */
export function requireCount(value: number, flag: string): void {
  if (!Number.isInteger(value) || value < 1) throw new UsageError(`${flag} must be a whole number from 1`);
}

/** Collects the values of an option that may be repeated and may hold several values separated by commas. */
export function listOption(text: string, earlier: readonly string[] | undefined): string[] {
  return [...(earlier ?? []), ...text.split(',').map((part) => part.trim())].filter((part) => part !== '');
}

/** Collects the values of an option that may be repeated. */
export function repeatedOption(text: string, earlier: readonly string[] | undefined): string[] {
  return [...(earlier ?? []), text];
}

/** Reads values such as `team=search`. */
export function pairsOf(texts: readonly string[], flag: string): Record<string, string> {
  return Object.fromEntries(
    texts.map((text): [string, string] => {
      const at = text.indexOf('=');
      if (at < 1) throw new UsageError(`${flag} must be given as name=value, not '${text}'`);
      return [text.slice(0, at).trim(), text.slice(at + 1)];
    }),
  );
}

/** Converts a duration before now (`90s`, `10m`, `1h30m`) to an RFC 3339 time; returns an RFC 3339 time unchanged. */
export function parseMoment(text: string, flag: string, nowMs: number): string {
  if (RFC3339.test(text) && !Number.isNaN(Date.parse(text))) return text;
  const ms = durationMs(text);
  if (ms === undefined) {
    throw new UsageError(
      `${flag} must be a duration such as 90s, 10m, 1h30m, 2d or an RFC 3339 time, not '${text}'`,
    );
  }
  return new Date(nowMs - ms).toISOString();
}

/** Parses a duration to milliseconds. The error names the flag and the limit. */
export function parseDuration(text: string, flag: string, maxDays: number): number {
  const ms = durationMs(text);
  if (ms !== undefined && ms <= maxDays * DAY_MS) return ms;
  throw new UsageError(
    `${flag} must be a duration of at most ${maxDays}d, such as 90s, 10m or 1h30m, not '${text}'`,
  );
}

/** Returns undefined for text that is not a duration as a whole. */
function durationMs(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)([smhdw])/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text) return undefined;
  return parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNIT_SECONDS[unit ?? ''] ?? 0) * 1_000,
    0,
  );
}

/**
 * Parses a request that was given as flags; undefined ones are omitted. Throws a UsageError that names flags as a person
 * typed them, not request fields: `names` maps fields to flags whose names differ.
 */
export function parseFlags<Request>(
  schema: z.ZodType<Request>,
  given: Readonly<Record<string, unknown>>,
  names: Readonly<Record<string, string>>,
): Request {
  const parsed = schema.safeParse(definedOf(given));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => {
    const field = String(path[0] ?? '');
    return `${names[field] ?? `--${field}`} ${message}`;
  });
  throw new UsageError([...new Set(problems)].join('; '));
}

/** A script whose variable is unset passes `--gpu=`, and would get a list that looks empty. */
export function requireFilled(given: Readonly<Record<string, unknown>>): void {
  for (const [flag, value] of Object.entries(given)) {
    if (value === '' || (Array.isArray(value) && value.length === 0))
      throw new UsageError(`--${flag} must not be empty: leave it out for all`);
  }
}

/** The properties that are not undefined. */
export function definedOf<Value>(given: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
