const MINUTE_MS = 60_000;
/** Idleness of a node that is not to be terminated for it. */
const NOTICED_MS = 30 * MINUTE_MS;
const SHOWN_MS = 2 * MINUTE_MS;
const USAGE_EVERY = 10;
const USAGE_EVERY_IF_ASKED = 2;

/** `terminateMinutes`: as the launch has it; undefined where it does not ask. `intervalMs`: from one probe to the next. */
export function idleLimits(terminateMinutes: number | undefined, intervalMs: number) {
  const asked = terminateMinutes !== undefined;
  const terminateMs = asked ? terminateMinutes * MINUTE_MS : Infinity;
  const every = asked ? USAGE_EVERY_IF_ASKED : USAGE_EVERY;
  return {
    terminateMs,
    /** The metrics are read once in so many probes. */
    every,
    shownMs: Math.min(SHOWN_MS, terminateMs / 4),
    // A warning comes before the end.
    noticedMs: Math.min(NOTICED_MS, terminateMs / 2),
    gapMs: 3 * every * intervalMs,
  };
}
