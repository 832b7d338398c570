import { UsageError } from './usage-error.js';

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** `90s`, `10m`, `1h30m` before now, or an RFC 3339 time as it is. `flag` names what was wrong in the error. */
export function momentOf(text: string, flag: string, nowMs: number): string {
  if (RFC3339.test(text) && !Number.isNaN(Date.parse(text))) return text;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)([smhd])/g)];
  const whole = parts.map((part) => part[0]).join('') === text;
  if (parts.length === 0 || !whole) {
    throw new UsageError(
      `${flag} must be a duration such as 90s, 10m, 1h30m, 2d or an RFC 3339 time, not '${text}'`,
    );
  }
  const seconds = parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNIT_SECONDS[unit ?? ''] ?? 0),
    0,
  );
  return new Date(nowMs - seconds * 1_000).toISOString();
}

/** `48s`, `6m 20s`, `2h 03m`, `3d 4h`: two units are enough for people. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}m ${String(whole % 60).padStart(2, '0')}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h ${String(minutes % 60).padStart(2, '0')}m`;
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}
