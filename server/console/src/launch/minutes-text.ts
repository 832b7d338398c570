const HOUR = 60;
const DAY = 24 * HOUR;

/** Minutes as people write them: `45m`, `12h`, `3d`. */
export function minutesText(minutes: number): string {
  if (minutes % DAY === 0) return `${minutes / DAY}d`;
  return minutes % HOUR === 0 ? `${minutes / HOUR}h` : `${minutes}m`;
}

/** What was typed as a request takes it: digits alone are minutes. */
export function typedMinutes(typed: string): string | number {
  const text = typed.trim();
  return /^\d+$/.test(text) ? Number(text) : text;
}
