const MINUTE_MS = 60_000;
/** How long a node is idle before people are notified, if it is not to be terminated for that. */
const NOTICED_MS = 30 * MINUTE_MS;
const SHOWN_MS = 2 * MINUTE_MS;
const USAGE_EVERY = 10;
const USAGE_EVERY_IF_ASKED = 2;

/**
 * `terminateMinutes` is that of the launch; undefined if it does not ask for it. `intervalMs` is the time between two probes.
 */
export function idleLimits(terminateMinutes: number | undefined, intervalMs: number) {
  const asked = terminateMinutes !== undefined;
  const terminateMs = asked ? terminateMinutes * MINUTE_MS : Infinity;
  const every = asked ? USAGE_EVERY_IF_ASKED : USAGE_EVERY;
  return {
    terminateMs,
    /** How many probes come between two readings of the metrics. */
    every,
    shownMs: Math.min(SHOWN_MS, terminateMs / 4),
    // People are warned before the end.
    noticedMs: Math.min(NOTICED_MS, terminateMs / 2),
    gapMs: 3 * every * intervalMs,
  };
}
