import type { LogStreamEvent, RuntimeLogQueryInput } from '@launchlog/shared/event';
import type { LogStreamQueryInput } from '@launchlog/shared/log-query';
import type { MergedLogEvent, MergedStreamQueryInput } from '@launchlog/shared/merged-log';
import type { NodeEventItem } from '@launchlog/shared/node-event';
import type { NodeWatchEvent, NodeWatchQueryInput } from '@launchlog/shared/node-watch';
import type { ConnectionState } from './connection-state.js';
import type { OneOrMany } from './one-or-many.js';

/** Filters, and where to start. */
export interface FollowOptions extends Omit<OneOrMany<LogStreamQueryInput>, 'tail'> {
  /** How many of the last entries that match, 0 to 10,000, or `'all'`. Default 100. A `cursor` takes its place. Example: `500`. */
  readonly tail?: number | 'all' | undefined;
  /** Ends the iteration without an error. */
  readonly signal?: AbortSignal | undefined;
  /** Also yields `connection` events. Off by default. */
  readonly connectionEvents?: boolean | undefined;
}

/** An event of the log. `cursor` is the reader's position after it: pass it as the option `cursor` to continue from there. */
export type FollowEvent = LogStreamEvent & {
  /** The reader's position after it. Example: `9f86d081884c7d65:42`. */
  readonly cursor: string;
};

/** Created by the client, not by the server: the connection was lost or restored. */
export interface ConnectionEvent {
  /** Always this word. */
  readonly type: 'connection';
  /** The new state. */
  readonly connection: ConnectionState;
}

/** Filters, and where to start; `tail` counts the entries of all nodes together. */
export interface FollowManyOptions extends OneOrMany<MergedStreamQueryInput> {
  /** Ends the iteration without an error. */
  readonly signal?: AbortSignal | undefined;
}

/** An event of one of the logs; `cursor` is the position after it in all of them. */
export type MergedFollowEvent = MergedLogEvent & {
  /** The reader's position after it. Example: `9f86d081884c7d65:42`. */
  readonly cursor: string;
};

/** Filters of the list. */
export interface WatchNodesOptions extends OneOrMany<NodeWatchQueryInput> {
  /** Ends the iteration without an error. */
  readonly signal?: AbortSignal | undefined;
}

/** The first snapshot of the list, or a change of it. */
export type NodeChange = NodeWatchEvent & {
  /** The reader's position after it. Example: `9f86d081884c7d65:42`. */
  readonly cursor: string;
};

export interface FollowEventsOptions {
  /** Events after this position; without one, from the first on. Example: `9f86d081884c7d65:3`. */
  readonly cursor?: string | undefined;
  /** Ends the iteration without an error. */
  readonly signal?: AbortSignal | undefined;
}

/** What happened to a node, and the position after it. */
export type NodeEventChange = NodeEventItem & {
  /** The reader's position after it. Example: `9f86d081884c7d65:42`. */
  readonly cursor: string;
};

export interface RuntimeLogOptions extends RuntimeLogQueryInput {
  /** Ends the iteration without an error. */
  readonly signal?: AbortSignal | undefined;
}
