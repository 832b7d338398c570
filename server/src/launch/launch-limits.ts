import type { Phase, TerminalPhase } from '@launchlog/shared/phase';
import type { Config } from '../config.js';

/** Bounds of what launches may use. Times are in milliseconds. */
export interface LaunchLimits {
  /** Launches that run at the same time, on all servers together; the others wait in the queue. */
  readonly maxRunning: number;
  /** Launches and terminations that one server works on at the same time. */
  readonly maxJobs: number;
  /** After this long without a heartbeat another server takes the launch over. */
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  /** How often a server looks for work without being woken. */
  readonly pollMs: number;
  /** Queued launches whose position is written into their logs, each time the server looks for work. */
  readonly queueNoticesPerPoll: number;
  /** A launch fails when a phase lasts longer. */
  readonly phaseDeadlineMs: Readonly<Record<Exclude<Phase, TerminalPhase>, number>>;
  /** The least time that a phase gets after a takeover, even past its deadline, to find out how far the launch came. */
  readonly takeoverGraceMs: number;
  /** How long a new launch waits for an unavailable log store before it begins with its log in memory. */
  readonly logWithinMs: number;
  /** Takeovers after which the launch fails, because the launch itself may crash its owners. */
  readonly maxTakeovers: number;
  /** The least number of earlier launches for a forecast, and for reporting that a launch stalls. */
  readonly minSamples: number;
  /** A phase is not reported as slow before this time, even if it usually takes less. */
  readonly minStallMs: number;
  readonly tearDownMs: number;
  readonly tearDownTries: number;
  /** The wait between two attempts to tear down. */
  readonly tearDownRetryMs: number;
  /**
   * How long the end of a launch waits for an unavailable log store to take the terminal entry, before the row ends.
   */
  readonly terminalEntryMs: number;
  /** How long after the end of a launch its last entries are kept for an unavailable log store. */
  readonly lateEntriesMs: number;
  /** How long a server that stops waits for logs and leases. */
  readonly stopMs: number;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** The number of heartbeats that must be lost before the lease is. */
const HEARTBEATS_PER_LEASE = 3;

/** Terminations that one server runs at once beside its launches. */
const TERMINATIONS_MAX = 64;

/** The limits of a configuration. Those that an operator cannot set have their only values here. */
export function launchLimits(config: Config): LaunchLimits {
  const leaseMs = config.LEASE_SECONDS * SECOND_MS;
  return {
    maxRunning: config.MAX_RUNNING_LAUNCHES,
    maxJobs: config.MAX_RUNNING_LAUNCHES + TERMINATIONS_MAX,
    leaseMs,
    heartbeatMs: Math.floor(leaseMs / HEARTBEATS_PER_LEASE),
    pollMs: 1_000,
    queueNoticesPerPoll: 20,
    phaseDeadlineMs: {
      queued: 10 * MINUTE_MS,
      provisioning: config.PROVISIONING_TIMEOUT_MINUTES * MINUTE_MS,
      instance_ready: 20 * MINUTE_MS,
      installing: config.INSTALLING_TIMEOUT_MINUTES * MINUTE_MS,
      model_loading: config.MODEL_LOADING_TIMEOUT_MINUTES * MINUTE_MS,
      health_check: config.HEALTH_CHECK_TIMEOUT_MINUTES * MINUTE_MS,
    },
    takeoverGraceMs: MINUTE_MS,
    logWithinMs: 1_000,
    maxTakeovers: 10,
    minSamples: 5,
    minStallMs: 5_000,
    tearDownMs: 10 * MINUTE_MS,
    tearDownTries: 3,
    tearDownRetryMs: 15_000,
    terminalEntryMs: MINUTE_MS,
    lateEntriesMs: 10 * MINUTE_MS,
    stopMs: 2_000,
  };
}
