import type { Phase, TerminalPhase } from '@launchlog/shared/phase';

/** Bounds of what launches may use. */
export interface LaunchLimits {
  /** Launches that run at once, on all servers together; the others wait. */
  readonly maxRunning: number;
  /** Launches and terminations that one server works on. */
  readonly maxJobs: number;
  /** After so long without a heartbeat another server takes over. */
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  /** How often a server looks for work it was not told of. */
  readonly pollMs: number;
  /** Waiting launches that are told their place, each time the server looks for work. */
  readonly queueNoticesPerPoll: number;
  /** A phase that lasts longer fails the launch. */
  readonly phaseDeadlineMs: Readonly<Record<Exclude<Phase, TerminalPhase>, number>>;
  /** What a launch gets after a takeover, though its phase should be over: to see how far it came meanwhile. */
  readonly takeoverGraceMs: number;
  /** How long a new launch waits for a log store that is away before it begins, its log in memory. */
  readonly logWithinMs: number;
  /** Owners that may vanish before the launch is given up: it may be what ends them. */
  readonly maxTakeovers: number;
  /** Launches that a forecast, or the verdict that one stalls, must rest on. */
  readonly minSamples: number;
  /** A phase that usually takes less is not called slow before this. */
  readonly minStallMs: number;
  readonly tearDownMs: number;
  readonly tearDownTries: number;
  /** Between two tries to tear down. */
  readonly tearDownRetryMs: number;
  /** How long the row waits for the log to take the terminal entry, when the log store is away. */
  readonly terminalEntryMs: number;
  /** How long a log store that is away may still get what was written, after the launch has ended. */
  readonly lateEntriesMs: number;
  /** How long a server that stops waits for logs and leases. */
  readonly stopMs: number;
}

const MINUTE_MS = 60_000;

export const LAUNCH_LIMITS: LaunchLimits = {
  maxRunning: 8,
  maxJobs: 64,
  leaseMs: 10_000,
  heartbeatMs: 3_000,
  pollMs: 1_000,
  queueNoticesPerPoll: 20,
  phaseDeadlineMs: {
    queued: 10 * MINUTE_MS,
    provisioning: 60 * MINUTE_MS,
    instance_ready: 20 * MINUTE_MS,
    installing: 30 * MINUTE_MS,
    model_loading: 60 * MINUTE_MS,
    health_check: 15 * MINUTE_MS,
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
