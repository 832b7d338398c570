import type {
  Eta,
  FailureReason,
  LaunchAttempt,
  Node,
  NodeStatus,
  OrchestratorKind,
  PhaseSeconds,
} from '@launchlog/shared/node';
import type { Phase } from '@launchlog/shared/phase';
import type { SealedSecrets } from '../database/secret-box.js';
import type { LaunchMemory, NodeRecord } from './node-record.js';

/**
 * Work on nodes, kept as leases on their rows: who drives which launch or termination, and until when.
 *
 * Exclusion: a row has at most one lease that has not run out; time is the database's. Every claim raises the row's
 * `attempt`, and every change names the attempt it belongs to, so that an owner whose lease was taken over changes
 * nothing. Loss: a call that rejects may have been applied; all of them may be repeated. The caller owes: to renew
 * well before a lease runs out, and to stop when a renewal or a change is refused.
 */
export interface LeaseStore {
  /** The next piece of work, if there is one: launches of vanished owners first, then by age. */
  claim(request: ClaimRequest): Promise<ClaimedJob | undefined>;

  /** While no slot is free: the next launch in the queue whose place has changed since it was last told. */
  claimQueued(request: ClaimRequest): Promise<QueuedJob | undefined>;

  /** Renews what is still owned and says so; a lease that is not in the answer is lost. */
  renew(leases: readonly Lease[], leaseMs: number): Promise<readonly RenewedLease[]>;

  /** False when the lease was taken over. */
  save(lease: Lease, changes: NodeChanges): Promise<boolean>;

  /** Ends the launch: gives back lease and slot, forgets the secrets. Undefined when the lease was taken over. */
  end(lease: Lease, changes: NodeChanges): Promise<Node | undefined>;

  /** Gives the lease back at once; the row may be claimed after `delayMs`. */
  release(lease: Lease, delayMs: number): Promise<void>;
}

export interface Lease {
  readonly nodeId: string;
  readonly attempt: number;
}

export interface ClaimRequest {
  /** Who claims: for people who look at the table. */
  readonly owner: string;
  readonly leaseMs: number;
  /** Launches that may run at once, on all servers together. */
  readonly maxRunning: number;
  readonly orchestrator: OrchestratorKind;
  /** The key whose secrets this server can open. */
  readonly secretsKeyId: string;
}

export interface ClaimedJob {
  readonly kind: 'launch' | 'terminate';
  readonly lease: Lease;
  readonly record: NodeRecord;
  readonly sealedSecrets: SealedSecrets | undefined;
  /** The launch holds one of the slots: it runs, or ran before. */
  readonly started: boolean;
}

export interface QueuedJob extends ClaimedJob {
  readonly place: number;
}

export interface RenewedLease extends Lease {
  readonly cancelRequested: boolean;
}

/** Undefined leaves a field as it is; null empties it. */
export interface NodeChanges {
  readonly status?: NodeStatus;
  readonly phase?: Phase;
  readonly progress?: number;
  readonly phaseStartedAtMs?: number;
  readonly phaseSeconds?: PhaseSeconds;
  readonly attempts?: readonly LaunchAttempt[];
  readonly memory?: LaunchMemory;
  readonly pricePerHour?: number | null;
  readonly endpoint?: string | null;
  readonly failureReason?: FailureReason | null;
  readonly failureMessage?: string | null;
  readonly handle?: string;
  readonly eta?: Eta | null;
  readonly stalled?: boolean;
  readonly endedAtMs?: number;
  readonly terminatedAtMs?: number;
}
