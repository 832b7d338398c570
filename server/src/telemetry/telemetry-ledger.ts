/**
 * Records how far the log, the events and the trace of each node were sent.
 *
 * Atomicity: each call is one statement. Order: the job that waits longest is claimed first. Any number of servers may claim:
 * a job is with one of them until it is settled or its lease is over. Loss: none; a job that was not settled is claimed again
 * at its former position, so what was sent meanwhile is sent twice. Rejects with `NodeStoreUnavailableError`.
 */
export interface TelemetryLedger {
  /** Adds the nodes created from `sinceMs` ago until `untilMs` ago, or until now, that have no job yet. Resolves with how many. */
  fill(sinceMs: number, untilMs?: number): Promise<number>;
  /** Claims at most `limit` jobs that are due. */
  claim(limit: number, leaseMs: number): Promise<readonly TelemetryJob[]>;
  /** Extends one claim, for a slow receiver: no other server claims the job in between. */
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
  /** Whether the log has ended and was sent completely. */
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
