import type { PackedLaunch } from './packed-launch.js';

/** The latest launch that failed for a reason, and how many did. */
interface FailureCount {
  launches: number;
  latestMs: number;
  nodeId: string;
}

/** How many launches of a group there are of each kind. */
export class LaunchCounts {
  launches = 0;
  running = 0;
  succeeded = 0;
  failed = 0;
  cancelled = 0;
  simulated = 0;
  lost = 0;
  preempted = 0;
  /** Seconds of active time in which nodes were unreachable. */
  downSeconds = 0;
  /** By the stored reason: a newer release may have others. */
  readonly failures = new Map<string, FailureCount>();

  add(launch: PackedLaunch): void {
    this.launches += 1;
    if (launch.isSimulated) this.simulated += 1;
    if (launch.isLost) this.lost += 1;
    if (launch.isPreempted) this.preempted += 1;
    if (Number.isNaN(launch.endedMs)) this.running += 1;
    else if (launch.isCancelled) this.cancelled += 1;
    else if (launch.isFailed) {
      this.failed += 1;
      const { reason, endedMs: latestMs, nodeId } = launch;
      this.#addFailures(reason, { launches: 1, latestMs, nodeId });
    } else this.succeeded += 1;
  }

  addAll(other: LaunchCounts): void {
    this.launches += other.launches;
    this.running += other.running;
    this.succeeded += other.succeeded;
    this.failed += other.failed;
    this.cancelled += other.cancelled;
    this.simulated += other.simulated;
    this.lost += other.lost;
    this.preempted += other.preempted;
    this.downSeconds += other.downSeconds;
    for (const [reason, failure] of other.failures) this.#addFailures(reason, failure);
  }

  #addFailures(reason: string, { launches, latestMs, nodeId }: FailureCount): void {
    const known = this.failures.get(reason);
    if (known === undefined) this.failures.set(reason, { launches, latestMs, nodeId });
    else {
      known.launches += launches;
      if (latestMs > known.latestMs) Object.assign(known, { latestMs, nodeId });
    }
  }
}
