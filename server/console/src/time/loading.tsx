import { useState } from 'react';
import { formatClock } from './format-time.js';
import { useNow, useServerNow } from './ticker.js';

/** An answer that takes longer than this is late. Servers answer within a second, and calls give up after 30. */
const LATE_MS = 3_000;

/** Shown where nothing has arrived yet. It appears after a moment, so that what is fast does not flicker. */
export function Loading({ what }: { what: string }) {
  return (
    <div className="empty muted loading">
      <p role="status">Loading {what}…</p>
      <LateAnswer />
    </div>
  );
}

/**
 * States that the server has not answered yet, and since when, once that is late. It is on the page while an answer is
 * awaited: since the moment `since`, by the server's clock, or else since it appeared.
 */
export function LateAnswer({ since }: { readonly since?: number | undefined }) {
  const now = useServerNow();
  const nowMs = useNow();
  const [appearedMs] = useState(now);
  const askedMs = since ?? appearedMs;
  if (nowMs - askedMs < LATE_MS) return undefined;
  return (
    <p className="late" role="status">
      The server has not answered since {formatClock(askedMs).slice(0, 8)}.
    </p>
  );
}
