const MINUTE_MS = 60_000;
/** When a node counts as idle if it is not to be terminated for that. */
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
    /** The metrics are read with every so many-th probe. */
    every,
    shownMs: Math.min(SHOWN_MS, terminateMs / 4),
    // How long before the end the warning comes.
    noticedMs: Math.min(NOTICED_MS, terminateMs / 2),
    gapMs: 3 * every * intervalMs,
  };
}
