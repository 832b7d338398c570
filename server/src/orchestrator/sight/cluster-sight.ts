import type { LossReason } from '@launchlog/shared/node';

/** What an orchestrator needs to recognise a cluster that it launched. */
export interface KnownCluster {
  readonly clusterName: string;
  readonly useSpot: boolean;
  readonly handle: string | undefined;
}

/** What an orchestrator knows of a cluster. A state that we do not know is `there`: only certainty ends a node. */
export type ClusterSight =
  /** There is a machine. `state` is the orchestrator's own word for it. */
  | { readonly kind: 'there'; readonly state: string }
  /** There is no machine. The message is one sentence for people. */
  | { readonly kind: 'gone'; readonly reason: LossReason; readonly message: string };

/** By cluster name. */
export type ClusterSights = ReadonlyMap<string, ClusterSight>;
