import type { KnownCluster } from './cluster-sight.js';

/** All clusters of an orchestrator, whichever program launched them. */
export interface ClusterInventory {
  /** How many times faster than real time its clusters run; 1 if absent. */
  readonly speed?: number;

  /**
   * The clusters whose names begin with the prefix, in one call; no cloud is asked. Rejects when they cannot be listed. `own`
   * is for an orchestrator that keeps no list itself.
   */
  list(prefix: string, signal: AbortSignal, own: OwnClusters): Promise<readonly ListedCluster[]>;

  /**
   * Removes the cluster and its machine if it carries the label of this installation. Idempotent: succeeds if there is no
   * such cluster. Rejects without a change if it carries another label or none, and when something may be left.
   */
  remove(cluster: LabelledCluster, signal: AbortSignal): Promise<void>;
}

export interface ListedCluster {
  readonly name: string;
  /** The state in the orchestrator's own word. */
  readonly state: string;
  /** The installation that its label names; undefined for none. */
  readonly installation: string | undefined;
  /** Cloud and region, for people; undefined where they are not named. */
  readonly place?: string | undefined;
  /** Milliseconds since 1970. */
  readonly launchedAt?: number | undefined;
}

export interface LabelledCluster {
  readonly name: string;
  readonly installation: string;
}

export interface OwnClusters {
  readonly installation: string;
  /** Lists the clusters of active nodes. */
  readonly active: () => Promise<readonly KnownCluster[]>;
}
