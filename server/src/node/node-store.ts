import type { Node, NodeListQuery, NodePage, OrchestratorKind, RetryReason } from '@launchlog/shared/node';
import type { Phase } from '@launchlog/shared/phase';
import type { SealedSecrets } from '../database/secret-box.js';
import type { NodeRecord, StoredRequest } from './node-record.js';

/**
 * The registry of nodes: one row for each launch, never deleted.
 *
 * Atomicity: every call is one statement, applied as a whole or not at all. Durability: that of the database. Order: `list` is
 * newest first unless the query names another order, and complete despite concurrent inserts, because its cursor is a key and
 * not an offset. It reflects everything that was created or changed before it began. Loss: a call that rejects with
 * `NodeStoreUnavailableError` may have been applied. Every call may be repeated; `create` with the same id then answers
 * `id_taken` or, with an idempotency key, `replayed`.
 *
 * While a launch is running, only the owner of its lease changes the row, through `LeaseStore`.
 */
export interface NodeStore {
  create(node: NewNode): Promise<CreateReply>;

  find(idOrClusterName: string): Promise<NodeRecord | undefined>;

  list(query: NodeListQuery): Promise<NodePage>;

  /** Asks the owner of a running launch to end it; `by` names the caller. Undefined if the node is not launching (any more). */
  requestCancel(id: string, by?: string): Promise<Node | undefined>;

  /**
   * Asks for the termination of the node. Its status becomes `terminating` at once if the launch has ended, otherwise
   * after the launch was cancelled. A relaunch that is due is called off. Undefined if the node is unknown, terminating or
   * terminated, and no relaunch was due.
   */
  requestTermination(id: string, by?: string): Promise<Node | undefined>;

  /** The durations of each phase in the latest successful launches of this kind. */
  phaseStatistics(of: LaunchKind): Promise<readonly PhaseStatistics[]>;
}

export interface NewNode {
  readonly id: string;
  readonly clusterName: string;
  readonly orchestrator: OrchestratorKind;
  readonly request: StoredRequest;
  readonly secretNames: readonly string[];
  readonly sealedSecrets: SealedSecrets | undefined;
  readonly retryOf: string | undefined;
  /** Undefined for a launch that repeats nothing. */
  readonly origin?: RetryOrigin | undefined;
  readonly createdBy: string;
  /** The header of the call, if it belongs to a trace. */
  readonly traceparent?: string | undefined;
  /** US dollars per hour that it counts with in budgets until its price is known. */
  readonly reservedPerHour?: number | undefined;
  /** Unique for each creator. Comes with the hash of the request. */
  readonly idempotency: { readonly key: string; readonly requestHash: string } | undefined;
}

/** What a repeated launch continues. */
export interface RetryOrigin {
  readonly reason: RetryReason;
  readonly lineage: string;
  readonly terminateAt?: Date | undefined;
}

export type CreateReply =
  | { readonly kind: 'created'; readonly node: Node }
  /** The same creator used the key before for the same request. */
  | { readonly kind: 'replayed'; readonly node: Node }
  /** The same creator used the key before for a different request. */
  | { readonly kind: 'mismatch' }
  /** A budget has no room for it: `running` US dollars per hour are used. */
  | { readonly kind: 'over_budget'; readonly id: string; readonly running: number }
  | { readonly kind: 'id_taken' }
  | { readonly kind: 'cluster_name_taken' }
  /** The origin is a loss, and no relaunch of that node is due: it was made, or called off. */
  | { readonly kind: 'not_due' };

/** Launches that are similar enough to forecast each other. */
export interface LaunchKind {
  readonly provider: string;
  readonly gpuType: string;
  readonly orchestrator: OrchestratorKind;
}

export interface PhaseStatistics {
  readonly phase: Phase;
  readonly samples: number;
  readonly medianSeconds: number;
  readonly p95Seconds: number;
}
