/** A comment: it keeps proxies from closing a quiet stream, and no client shows it. */
export const HEARTBEAT_FRAME = ': heartbeat\n\n';

/** The first frame. `retryMs` is how long the client waits before it reconnects. */
export function openingFrame(retryMs: number): string {
  return `: connected\nretry: ${Math.round(retryMs)}\n\n`;
}
