import type { Node, NodeListQuery, OrchestratorKind } from '@launchlog/shared/node';
import type { Phase } from '@launchlog/shared/phase';
import type { SealedSecrets } from '../database/secret-box.js';
import type { NodeRecord, StoredRequest } from './node-record.js';

/**
 * The registry of nodes: one row a launch, never deleted.
 *
 * Atomicity: every call is one statement, applied whole or not at all; what was answered is durable as the database
 * is. Order: `list` is newest first and complete under concurrent inserts (its cursor is a key, not an offset).
 * Loss: a call that rejects with `NodeStoreUnavailableError` may have been applied; all of them may be repeated
 * (`create` with the same id then answers `id_taken` or, with an idempotency key, `replayed`).
 * While a launch runs its row is changed through `LeaseStore` alone, by the owner of the lease.
 */
export interface NodeStore {
  create(node: NewNode): Promise<CreateReply>;

  find(idOrClusterName: string): Promise<NodeRecord | undefined>;

  list(query: NodeListQuery): Promise<NodePage>;

  /** Asks the owner of a running launch to end it. Undefined when the node is not launching (any more). */
  requestCancel(id: string): Promise<Node | undefined>;

  /**
   * Asks for the end of the node: `terminating` at once where the launch has ended, after its cancelling where it
   * runs. Undefined when the node is unknown, terminating or terminated.
   */
  requestTermination(id: string): Promise<Node | undefined>;

  /** How long each phase took in the latest successful launches of this kind. */
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
  readonly createdBy: string;
  /** Unique for its creator; with the hash of what was asked for. */
  readonly idempotency: { readonly key: string; readonly requestHash: string } | undefined;
}

export type CreateReply =
  | { readonly kind: 'created'; readonly node: Node }
  /** The same creator has used the key before, for the same request. */
  | { readonly kind: 'replayed'; readonly node: Node }
  /** The same creator has used the key before, for another request. */
  | { readonly kind: 'mismatch' }
  | { readonly kind: 'id_taken' }
  | { readonly kind: 'cluster_name_taken' };

export interface NodePage {
  readonly nodes: Node[];
  readonly nextCursor?: string | undefined;
}

/** Launches that are alike enough for one to forecast another. */
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
