import type { MergedLogEvent, MergedStreamQueryInput } from '@launchlog/shared/merged-log';
import type { NodeWatchEvent, NodeWatchQueryInput } from '@launchlog/shared/node-watch';

/** Filters, and where to start; `tail` counts the entries of all nodes together. */
export interface FollowManyOptions extends MergedStreamQueryInput {
  /** Ends the iteration without an error. */
  readonly signal?: AbortSignal | undefined;
}

/** An event of one of the logs; `cursor` is the position after it in all of them. */
export type MergedFollowEvent = MergedLogEvent & { readonly cursor: string };

export interface WatchNodesOptions extends NodeWatchQueryInput {
  /** Ends the iteration without an error. */
  readonly signal?: AbortSignal | undefined;
}

export type NodeChange = NodeWatchEvent & { readonly cursor: string };
