import type { MergedLogEvent, MergedStreamQueryInput } from '@launchlog/shared/merged-log';
import type { NodeWatchEvent, NodeWatchQueryInput } from '@launchlog/shared/node-watch';

/** The filters and the place to begin at; `tail` counts the entries of all nodes together. */
export interface FollowManyOptions extends MergedStreamQueryInput {
  /** Ends the iteration, quietly. */
  readonly signal?: AbortSignal | undefined;
}

/** An event of one of the logs; `cursor` is the place in all of them after it. */
export type MergedFollowEvent = MergedLogEvent & { readonly cursor: string };

export interface WatchNodesOptions extends NodeWatchQueryInput {
  /** Ends the iteration, quietly. */
  readonly signal?: AbortSignal | undefined;
}

export type NodeChange = NodeWatchEvent & { readonly cursor: string };
