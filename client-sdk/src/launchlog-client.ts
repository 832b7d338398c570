import type { AccessToken, AccessTokenInput, CreatedAccessToken } from '@launchlog/shared/access-token';
import type { AuditPage, AuditQueryInput } from '@launchlog/shared/audit';
import type { Gap, Reset } from '@launchlog/shared/event';
import type { LaunchRequestInput } from '@launchlog/shared/launch-request';
import type { LogEntry } from '@launchlog/shared/log-entry';
import type {
  LaunchMetrics,
  LaunchMetricsQueryInput,
  UsualPhases,
  UsualPhasesQuery,
} from '@launchlog/shared/launch-metrics';
import type { LogQueryInput } from '@launchlog/shared/log-query';
import type { LogSearchPage, LogSearchQueryInput } from '@launchlog/shared/log-search';
import type { Node, nodeListQuerySchema } from '@launchlog/shared/node';
import type { z } from 'zod';
import type { ExportOptions } from './export-log.js';
import type {
  FollowManyOptions,
  MergedFollowEvent,
  NodeChange,
  WatchNodesOptions,
} from './follow-many-options.js';
import type { ConnectionListener, ConnectionState } from './connection-state.js';
import type { ConnectionEvent, FollowEvent, FollowOptions } from './follow-options.js';

export interface LaunchOptions {
  /**
   * Calls with the same key launch once; the later ones get the first answer. Made up where absent, so that the
   * client's own retries after a lost answer never launch twice.
   */
  readonly idempotencyKey?: string | undefined;
}

export interface RetryOptions extends LaunchOptions {
  /** Those of the first launch are not kept: they are given again. */
  readonly secrets?: LaunchRequestInput['secrets'];
}

export interface LaunchResult {
  readonly node: Node;
  /** The node had been launched before by a call with the same idempotency key. */
  readonly replayed: boolean;
}

/** Filters of the list; several values of one filter mean any of them. */
export type NodeListQueryInput = z.input<typeof nodeListQuerySchema>;

export interface NodePage {
  readonly nodes: readonly Node[];
  /** Give it as `cursor` for the next page; absent on the last one. */
  readonly nextCursor?: string | undefined;
}

export interface LogPage {
  readonly nodeId: string;
  readonly count: number;
  readonly logs: readonly LogEntry[];
  /** Give it as `cursor` for the next page or to `followLog`. */
  readonly nextCursor: string;
  /** Entries between the cursor given and the first one here are gone. */
  readonly gap?: Gap | undefined;
  /** The log the cursor belongs to is gone; this page begins the new one. */
  readonly reset?: Reset | undefined;
}

/**
 * Launchlog from a program or a page. Every method rejects with `LaunchlogApiError` and with nothing else.
 * Calls that only read, and those that are safe to repeat, are tried again a few times while the server is away.
 */
export interface LaunchlogClient {
  /** Answers at once; the launch goes on by itself. Follow it with `followLog`. */
  launch(request: LaunchRequestInput, options?: LaunchOptions): Promise<LaunchResult>;
  /** By id or cluster name. */
  getNode(idOrClusterName: string): Promise<Node>;
  /** One page, newest first. */
  listNodes(query?: NodeListQueryInput): Promise<NodePage>;
  /** Stops a launch and cleans up after it. */
  cancelNode(nodeId: string): Promise<Node>;
  /** Takes down what an active or failed node still runs. */
  terminateNode(nodeId: string): Promise<Node>;
  /** Launches the same again as a new node. */
  retryNode(nodeId: string, options?: RetryOptions): Promise<LaunchResult>;
  /** How launches of a window went: times, success, failures, cost; by provider, region and GPU unless told otherwise. */
  launchMetrics(query?: LaunchMetricsQueryInput): Promise<LaunchMetrics>;
  /** The token is in this answer and in no other; after a lost answer revoke it and make another. */
  createToken(input: AccessTokenInput): Promise<CreatedAccessToken>;
  /** The newest first, also those that stand no more. */
  listTokens(): Promise<readonly AccessToken[]>;
  /** Ends what it holds open, too. */
  revokeToken(tokenId: string): Promise<AccessToken>;
  /** Who did what: one page, the newest first. */
  audit(query?: AuditQueryInput): Promise<AuditPage>;
  /** How long phases usually take on a provider and GPU. */
  usualPhases(query: UsualPhasesQuery): Promise<UsualPhases>;
  /** One page of history. */
  logs(nodeId: string, query?: LogQueryInput): Promise<LogPage>;
  /** The log as a file, piece by piece: text, CSV or one JSON object a line. */
  exportLog(nodeId: string, options: ExportOptions): AsyncIterable<string>;
  /**
   * History, then what comes, each entry once and in order, across lost connections and restarts of the server.
   * Ends after the final `done` event, when `signal` aborts, or on `close()`; leaving the loop stops it too.
   * Entries that the server no longer holds are announced by `gap` or `reset`, never skipped in silence.
   * A loop that is slower than the log holds a bounded number of entries and reads the rest from history later.
   * Throws `LaunchlogApiError` when the server refuses, or stayed away for `giveUpAfterMs`.
   */
  followLog(
    nodeId: string,
    options: FollowOptions & { readonly connectionEvents: true },
  ): AsyncIterable<FollowEvent | ConnectionEvent>;
  followLog(
    nodeId: string,
    options?: FollowOptions & { readonly connectionEvents?: false | undefined },
  ): AsyncIterable<FollowEvent>;
  /**
   * The logs of a deployment as one stream: by time, each node's order kept, each entry once. Nodes that join later are
   * part of it. It does not end by itself but with `follow: false`; the rest is as with `followLog`.
   */
  followDeployment(deploymentId: string, options?: FollowManyOptions): AsyncIterable<MergedFollowEvent>;
  /** The same over all nodes that launch or whose launch ended within the last hour. */
  followAll(options?: FollowManyOptions): AsyncIterable<MergedFollowEvent>;
  /** The list of nodes, live: a snapshot, then each change, across lost connections. It does not end by itself. */
  watchNodes(options?: WatchNodesOptions): AsyncIterable<NodeChange>;
  /** Searches history over nodes, a deployment or everything; one bounded answer, which says where to go on. */
  search(query: LogSearchQueryInput): Promise<LogSearchPage>;
  /** The connection all followed logs share. */
  readonly connection: ConnectionState;
  /** Calls back on each change until the returned function is called. */
  onConnectionChange(listener: ConnectionListener): () => void;
  /** Ends every followed log and the connection. Harmless when called twice; calls made later are refused. */
  close(): Promise<void>;
}
