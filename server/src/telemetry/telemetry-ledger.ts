/**
 * How far the log, the events and the trace of each node were sent.
 *
 * Atomicity: each call is one statement. Order: the job that waits longest is claimed first. Any number of servers may claim:
 * a job is with one of them until it is settled or its lease is over. Loss: none; a job that was not settled is claimed again
 * at its former position, so what was sent meanwhile is sent twice. Rejects with `NodeStoreUnavailableError`.
 */
export interface TelemetryLedger {
  /** Adds the nodes created from `sinceMs` ago until `untilMs` ago, or until now, that have no job yet. Resolves with how many. */
  fill(sinceMs: number, untilMs?: number): Promise<number>;
  /** At most `limit` jobs that are due. */
  claim(limit: number, leaseMs: number): Promise<readonly TelemetryJob[]>;
  /** Lengthens what is left of one claim, for a receiver that takes its time: nobody else claims it meanwhile. */
  extend(leaseId: string, leaseMs: number): Promise<void>;
  /** Stores the new positions and ends the leases. Jobs that another server has claimed since are left alone. */
  settle(jobs: readonly SettledJob[]): Promise<void>;
  /** The jobs that are not done, and how long the one that waits longest has been due, seconds. */
  backlog(): Promise<TelemetryBacklog>;
}

export interface TelemetryJob {
  readonly nodeId: string;
  readonly leaseId: string;
  readonly position: TelemetryPosition;
}

export interface TelemetryPosition {
  readonly logEpoch: string | undefined;
  readonly logSeq: number;
  /** The log has ended and was sent whole. */
  readonly logClosed: boolean;
  readonly eventEpoch: string | undefined;
  readonly eventSeq: number;
  readonly traced: TracedPart;
}

/** `launch`: until the launch ended. `life`: until the machine was gone too. */
export const TRACED_PARTS = ['nothing', 'launch', 'life'] as const;
type TracedPart = (typeof TRACED_PARTS)[number];

export interface SettledJob extends TelemetryJob {
  readonly done: boolean;
  /** When to look again, milliseconds from now. */
  readonly dueInMs: number;
}

export interface TelemetryBacklog {
  readonly nodes: number;
  readonly oldestSeconds: number;
}
