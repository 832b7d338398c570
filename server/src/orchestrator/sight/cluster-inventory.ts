/** Everything that an orchestrator has, whoever launched it. */
export interface ClusterInventory {
  /** The clusters whose names begin with the prefix, in one call; no cloud is asked. Rejects when it cannot see. */
  list(prefix: string, signal: AbortSignal): Promise<readonly ListedCluster[]>;

  /**
   * Removes the cluster and its machine if it carries the label of this installation. Idempotent: succeeds if there is no
   * such cluster. Rejects without a change if it carries another label or none, and when something may be left.
   */
  remove(cluster: LabelledCluster, signal: AbortSignal): Promise<void>;
}

export interface ListedCluster {
  readonly name: string;
  /** The orchestrator's own word. */
  readonly state: string;
  /** The installation that its label names; undefined for none. */
  readonly installation: string | undefined;
}

export interface LabelledCluster {
  readonly name: string;
  readonly installation: string;
}
