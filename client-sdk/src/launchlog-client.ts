import type { AccessToken, AccessTokenInput, CreatedAccessToken } from '@launchlog/shared/access-token';
import type { AuditPage, AuditQueryInput } from '@launchlog/shared/audit';
import type {
  LaunchMetrics,
  LaunchMetricsQueryInput,
  UsualPhases,
  UsualPhasesQuery,
} from '@launchlog/shared/launch-metrics';
import type { LaunchRequestInput } from '@launchlog/shared/launch-request';
import type { LogPage, LogQueryInput } from '@launchlog/shared/log-query';
import type { LogSearchPage, LogSearchQueryInput } from '@launchlog/shared/log-search';
import type { LaunchResult, Node, NodeListQueryInput, NodePage } from '@launchlog/shared/node';
import type { ConnectionListener, ConnectionState } from './connection-state.js';
import type { ExportOptions } from './export-log.js';
import type {
  ConnectionEvent,
  FollowEvent,
  FollowManyOptions,
  FollowOptions,
  MergedFollowEvent,
  NodeChange,
  WatchNodesOptions,
} from './follow-options.js';

export interface LaunchOptions {
  /**
   * Calls with the same key launch once; later calls get the first answer. Generated if absent, so that the client's own
   * retries after a lost answer never launch twice.
   */
  readonly idempotencyKey?: string | undefined;
}

export interface RetryOptions extends LaunchOptions {
  /** Secrets of the new launch: those of the first one were not kept. */
  readonly secrets?: LaunchRequestInput['secrets'];
}

/**
 * Launchlog for a program or a page. Methods reject with `LaunchlogApiError` and with nothing else.
 * Every call is safe to repeat and is retried a few times while the server is away.
 */
export interface LaunchlogClient {
  /** Resolves as soon as the launch is stored; the server carries it out. Follow it with `followLog`. */
  launch(request: LaunchRequestInput, options?: LaunchOptions): Promise<LaunchResult>;
  /** Finds a node by its id or cluster name. */
  getNode(idOrClusterName: string): Promise<Node>;
  /** Returns one page, newest first or as `sort` names it. */
  listNodes(query?: NodeListQueryInput): Promise<NodePage>;
  /** Stops a launch and cleans up after it. */
  cancelNode(nodeId: string): Promise<Node>;
  /** Terminates the cloud resources of an active or failed node. */
  terminateNode(nodeId: string): Promise<Node>;
  /** Repeats a launch as a new node. */
  retryNode(nodeId: string, options?: RetryOptions): Promise<LaunchResult>;
  /** Times, success, failures and cost of the launches in a time window; grouped by provider, region and GPU by default. */
  launchMetrics(query?: LaunchMetricsQueryInput): Promise<LaunchMetrics>;
  /** The token is in this answer and in no other. If the answer is lost, revoke the token and create another. */
  createToken(input: AccessTokenInput): Promise<CreatedAccessToken>;
  /** Returns all tokens, newest first, including revoked and expired ones. */
  listTokens(): Promise<readonly AccessToken[]>;
  /** Also ends the streams and other requests that the token holds open. */
  revokeToken(tokenId: string): Promise<AccessToken>;
  /** Returns one page of the audit trail, newest first. */
  audit(query?: AuditQueryInput): Promise<AuditPage>;
  /** Returns how long phases usually take on a provider and GPU. */
  usualPhases(query: UsualPhasesQuery): Promise<UsualPhases>;
  /** Returns one page of history. */
  logs(nodeId: string, query?: LogQueryInput): Promise<LogPage>;
  /** Yields the log as a file, chunk by chunk: text, CSV, JSON, or one JSON object per line. */
  exportLog(nodeId: string, options: ExportOptions): AsyncIterable<string>;
  /**
   * Yields history, then new entries, each once and in order, across lost connections and restarts of the server.
   * Ends after the final `done` event, when `signal` aborts, on `close()`, and when the loop is left.
   * Entries that the server no longer holds are announced by `gap` or `reset` and never skipped silently.
   * A loop that is slower than the log buffers a bounded number of entries and reads the rest from history later.
   * Throws `LaunchlogApiError` if the server refuses, or stays away for `giveUpAfterMs`.
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
   * Yields the logs of a deployment as one stream ordered by time. Each node keeps its order, each entry appears once, and
   * nodes that join later are included. The stream ends by itself only with `follow: false`; otherwise it works as
   * `followLog` does.
   */
  followDeployment(deploymentId: string, options?: FollowManyOptions): AsyncIterable<MergedFollowEvent>;
  /** As `followDeployment`, for all nodes that are launching or whose launch ended within the last hour. */
  followAll(options?: FollowManyOptions): AsyncIterable<MergedFollowEvent>;
  /** Yields a snapshot of the list of nodes, then each change, across lost connections. It does not end by itself. */
  watchNodes(options?: WatchNodesOptions): AsyncIterable<NodeChange>;
  /** Searches the history of nodes, of a deployment or of everything. The answer is bounded; `nextCursor` continues it. */
  search(query: LogSearchQueryInput): Promise<LogSearchPage>;
  /** The connection that all followed logs share. */
  readonly connection: ConnectionState;
  /** Calls the listener on each change until the returned function is called. */
  onConnectionChange(listener: ConnectionListener): () => void;
  /** Ends every followed log and closes the connection. Idempotent. Later calls are refused. */
  close(): Promise<void>;
}
