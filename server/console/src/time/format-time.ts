export const TIME_STYLES = ['absolute', 'utc', 'relative', 'start'] as const;
export type TimeStyle = (typeof TIME_STYLES)[number];

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `14:03:07.250` in the reader's time zone. */
export function formatClock(timeMs: number): string {
  const date = new Date(timeMs);
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => pad(part, 2));
  return `${parts.join(':')}.${pad(date.getMilliseconds(), 3)}`;
}

/** `13:03:07.250` in UTC. */
export function formatUtcClock(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(11, 23);
}

/** `2026-11-23 14:03:07 +01:00`: complete and unambiguous, for details and tooltips. */
export function formatDateTime(timeMs: number): string {
  const date = new Date(timeMs);
  const day = [date.getFullYear(), pad(date.getMonth() + 1, 2), pad(date.getDate(), 2)].join('-');
  const offset = -date.getTimezoneOffset();
  const hours = pad(Math.floor(Math.abs(offset) / 60), 2);
  const zone = `${offset < 0 ? '−' : '+'}${hours}:${pad(Math.abs(offset) % 60, 2)}`;
  return `${day} ${formatClock(timeMs).slice(0, 8)} ${zone}`;
}

/** `42s`, `3m 05s`, `2h 10m`, `4d 3h`: at most two units. */
export function formatDuration(durationMs: number): string {
  const ms = Math.max(0, durationMs);
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)}s`;
  if (ms < HOUR_MS)
    return `${Math.floor(ms / MINUTE_MS)}m ${pad(Math.floor((ms % MINUTE_MS) / SECOND_MS), 2)}s`;
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)}h ${pad(Math.floor((ms % HOUR_MS) / MINUTE_MS), 2)}m`;
  return `${Math.floor(ms / DAY_MS)}d ${Math.floor((ms % DAY_MS) / HOUR_MS)}h`;
}

/** `+0:07.250`, `+12:03.004`, `+1:02:03.004`: the time since the start. */
export function formatOffset(offsetMs: number): string {
  const ms = Math.abs(offsetMs);
  const hours = Math.floor(ms / HOUR_MS);
  const minutes = Math.floor((ms % HOUR_MS) / MINUTE_MS);
  const seconds = `${pad(Math.floor((ms % MINUTE_MS) / SECOND_MS), 2)}.${pad(ms % SECOND_MS, 3)}`;
  const clock = hours > 0 ? `${hours}:${pad(minutes, 2)}:${seconds}` : `${minutes}:${seconds}`;
  return `${offsetMs < 0 ? '−' : '+'}${clock}`;
}

/** `now`, `42s ago`, `3m ago`, `2h ago`, `4d ago`. */
export function formatAgo(agoMs: number): string {
  if (agoMs < 2 * SECOND_MS) return 'now';
  return `${formatDuration(agoMs).split(' ')[0]} ago`;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
