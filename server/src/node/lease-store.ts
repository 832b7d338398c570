import type {
  Eta,
  FailureEvidence,
  FailureReason,
  LaunchAttempt,
  Node,
  OrchestratorKind,
  PhaseSeconds,
} from '@launchlog/shared/node';
import type { Provider } from '@launchlog/shared/launch-request';
import type { Phase } from '@launchlog/shared/phase';
import type { SealedSecrets } from '../database/secret-box.js';
import type { LaunchMemory, NodeRecord } from './node-record.js';
import type { StoredStatus } from './node-table.js';

/**
 * Leases on the rows of nodes: which server drives which launch or termination, and until when.
 *
 * Exclusion: a row has at most one lease that has not expired, by the database's clock. Each claim increments the row's
 * `attempt`, and each change names the attempt it belongs to, so an owner whose lease was taken over cannot change
 * anything. Loss: a call that rejects may have been applied; every call may be repeated. The caller must renew a lease
 * well before it expires, and must stop when a renewal or a change is refused.
 */
export interface LeaseStore {
  /** Looks for work without claiming it. Costs a fraction of a claim that finds nothing. */
  look(request: ClaimRequest): Promise<WorkSight>;

  /** Claims the next piece of work, if there is one: launches of lost owners first, then by age. */
  claim(request: ClaimRequest): Promise<ClaimedJob | undefined>;

  /** If no slot is free, claims the next queued launch whose position has changed since it was last reported. */
  claimQueued(request: ClaimRequest): Promise<QueuedJob | undefined>;

  /** Renews the leases that are still held, and returns those. A lease that is missing from the answer is lost. */
  renew(leases: readonly Lease[], leaseMs: number): Promise<readonly RenewedLease[]>;

  /** Resolves to false if the lease was taken over. */
  save(lease: Lease, changes: NodeChanges): Promise<boolean>;

  /**
   * Ends the launch: releases the lease and the slot and deletes the secrets. Undefined if the lease was taken over.
   */
  end(lease: Lease, changes: NodeChanges): Promise<Node | undefined>;

  /** Releases the lease at once. The row may be claimed again after `delayMs`. */
  release(lease: Lease, delayMs: number): Promise<void>;
}

export interface Lease {
  readonly nodeId: string;
  readonly attempt: number;
}

export interface ClaimRequest {
  /** The name of the claiming process, for people who read the table. */
  readonly owner: string;
  readonly leaseMs: number;
  /** The number of launches that may run at the same time, on all servers together. */
  readonly maxRunning: number;
  readonly orchestrator: OrchestratorKind;
  /** The id of the key whose secrets this server can open. */
  readonly secretsKeyId: string;
}

export interface WorkSight {
  /** Whether `claim` would find work, unless another owner is faster. */
  readonly claimable: boolean;
  /** Undefined if no launch waits for a slot. As long as it is the same, `claimQueued` that found nothing still finds nothing. */
  readonly queue: string | undefined;
}

export interface ClaimedJob {
  readonly kind: 'launch' | 'terminate';
  readonly lease: Lease;
  readonly record: NodeRecord;
  readonly sealedSecrets: SealedSecrets | undefined;
  /** Whether the launch holds a slot: it is running, or was running before. */
  readonly started: boolean;
}

export interface QueuedJob extends ClaimedJob {
  readonly position: number;
}

export interface RenewedLease extends Lease {
  readonly cancelRequested: boolean;
}

/** A field that is undefined stays as it is. Null clears it. */
export interface NodeChanges {
  readonly provider?: Provider;
  readonly region?: string;
  readonly gpuType?: string;
  readonly gpuCount?: number;
  readonly useSpot?: boolean;
  readonly status?: StoredStatus;
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
  readonly hint?: string | null;
  readonly evidence?: FailureEvidence | null;
  readonly handle?: string;
  /** The secrets that stay sealed until the node is terminated, set with the end of the launch. Without it none stay. */
  readonly sealedKey?: SealedSecrets;
  readonly eta?: Eta | null;
  readonly stalled?: boolean;
  readonly endedAtMs?: number;
  readonly terminatedAtMs?: number;
}
