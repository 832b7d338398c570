import { formatAgo, formatDateTime } from '../time/format-time.js';
import { useNow } from '../time/ticker.js';

/** The page ticks once a second: what has just happened may be ahead of it. */
const SOON_MS = 5_000;

/** A moment as the time since then; its tooltip has the date. */
export function Moment({ at, never }: { at: string | undefined; never: string }) {
  const nowMs = useNow();
  if (at === undefined) return <span className="muted">{never}</span>;
  const timeMs = Date.parse(at);
  if (timeMs > nowMs + SOON_MS) return <span>{formatDateTime(timeMs)}</span>;
  return <span title={formatDateTime(timeMs)}>{formatAgo(nowMs - timeMs)}</span>;
}
