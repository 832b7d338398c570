/** RFC 3339 in the local time zone, with milliseconds and the offset: `2026-01-02T13:00:00.250+01:00`. In UTC it ends with `Z`. */
export function localTime(timestamp: string): string {
  const moment = new Date(timestamp);
  const offset = -moment.getTimezoneOffset();
  if (offset === 0 || Number.isNaN(offset)) return timestamp;
  const wall = new Date(moment.getTime() + offset * 60_000).toISOString().slice(0, -1);
  const two = (value: number) => String(value).padStart(2, '0');
  const size = Math.abs(offset);
  return `${wall}${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
