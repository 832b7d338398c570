import type { DoctorReport } from '@launchlog/shared/doctor';
import type { AccessToken, AccessTokenInput, CreatedAccessToken } from '@launchlog/shared/access-token';
import type { Done } from '@launchlog/shared/event';
import type {
  LaunchMetrics,
  LaunchMetricsQueryInput,
  UsualPhases,
  UsualPhasesQuery,
} from '@launchlog/shared/launch-metrics';
import type { Identity } from '@launchlog/shared/identity';
import type { LaunchEstimate } from '@launchlog/shared/cost/launch-estimate';
import type { LaunchRequestInput } from '@launchlog/shared/launch-request';
import type { LogSearchHit, LogSearchPage, LogSearchQueryInput } from '@launchlog/shared/log-search';
import type { LaunchResult, Node, NodeListQueryInput, NodePage } from '@launchlog/shared/node';
import type { CallOptions } from './call/call-options.js';
import type { Paged } from './call/paged.js';
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
import type { LogTarget, PipeOptions } from './launch/pipe-log.js';
import type { WaitOptions } from './launch/wait-until-active.js';
import type {
  AuditResource,
  MetricsResource,
  NotificationsResource,
  SessionsResource,
  BudgetsResource,
  StraysResource,
  TokensResource,
} from './resource/administration.js';
import type { DeploymentsResource, LogsResource } from './resource/logs.js';
import type { LaunchOptions, NodesResource, RetryOptions } from './resource/nodes.js';
import type { OneOrMany } from './one-or-many.js';

/**
 * Launchlog for a program or a page. Methods reject with `LaunchlogApiError`, with the reason of an aborted signal, with
 * what the program's own functions throw, and with a `TypeError` for an option that does not exist.
 * Every call is safe to repeat and is retried while the server is away, within its time limit.
 */
export interface LaunchlogClient extends AsyncDisposable {
  /** Launching, listing, following and ending nodes. */
  readonly nodes: NodesResource;
  /** Search in many logs, and all logs as one stream. */
  readonly logs: LogsResource;
  /** The logs of a deployment as one stream. */
  readonly deployments: DeploymentsResource;
  /** How launches went. */
  readonly metrics: MetricsResource;
  /** Named tokens. */
  readonly tokens: TokensResource;
  /** Sessions: people who are signed in, and where. */
  readonly sessions: SessionsResource;
  /** Ceilings on what tenants and deployments cost; need the scope `admin`. */
  readonly budgets: BudgetsResource;
  /** Clusters that no node accounts for; need the scope `admin`. */
  readonly strays: StraysResource;
  /** The audit trail: who did what. Needs the scope `admin`. */
  readonly audit: AuditResource;
  /** As `sessions.whoami`. */
  whoami(options?: CallOptions): Promise<Identity>;
  /** Looks at everything around the server, and names what to do about what does not fit; needs the scope `admin`. */
  doctor(options?: CallOptions): Promise<DoctorReport>;
  /** Rules that report the end of launches, and what they sent. */
  readonly notifications: NotificationsResource;
  /** Launches, and resolves with the node once it is active. Throws `LaunchFailedError` where the launch ends otherwise. */
  launchAndWait(request: LaunchRequestInput, options?: LaunchOptions & WaitOptions): Promise<Node>;
  /** Resolves with the node once it is active. Throws `LaunchFailedError` with reason, hint and last lines otherwise. */
  waitUntilActive(nodeId: string, options?: WaitOptions): Promise<Node>;
  /** Writes the log line by line, for example to `process.stdout`, and resolves with its end. The target stays open. */
  pipeLog(nodeId: string, target: LogTarget, options?: PipeOptions): Promise<Done>;
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
    options: FollowOptions & {
      /** The connection's state is yielded too. */
      readonly connectionEvents: true;
    },
  ): AsyncIterable<FollowEvent | ConnectionEvent>;
  /** History, then new entries, each once and in order. */
  followLog(
    nodeId: string,
    options?: FollowOptions & {
      /** Off. */
      readonly connectionEvents?: false | undefined;
    },
  ): AsyncIterable<FollowEvent>;
  /** As `nodes.launch`. */
  launch(request: LaunchRequestInput, options?: LaunchOptions): Promise<LaunchResult>;
  /** As `nodes.estimate`. */
  estimate(request: LaunchRequestInput, options?: CallOptions): Promise<LaunchEstimate>;
  /** As `nodes.get`. */
  getNode(idOrClusterName: string, options?: CallOptions): Promise<Node>;
  /** As `nodes.list`. */
  listNodes(query?: OneOrMany<NodeListQueryInput>, options?: CallOptions): Paged<NodePage, Node>;
  /** As `nodes.cancel`. */
  cancelNode(nodeId: string, options?: CallOptions): Promise<Node>;
  /** As `nodes.terminate`. */
  terminateNode(nodeId: string, options?: CallOptions): Promise<Node>;
  /** As `nodes.retry`. */
  retryNode(nodeId: string, options?: RetryOptions): Promise<LaunchResult>;
  /** As `metrics.launches`. */
  launchMetrics(query?: OneOrMany<LaunchMetricsQueryInput>, options?: CallOptions): Promise<LaunchMetrics>;
  /** As `metrics.phases`. */
  usualPhases(query: UsualPhasesQuery, options?: CallOptions): Promise<UsualPhases>;
  /** As `tokens.create`. */
  createToken(input: AccessTokenInput, options?: CallOptions): Promise<CreatedAccessToken>;
  /** As `tokens.list`. */
  listTokens(options?: CallOptions): Promise<readonly AccessToken[]>;
  /** As `tokens.revoke`. */
  revokeToken(tokenId: string, options?: CallOptions): Promise<AccessToken>;
  /** As `deployments.logsStream`. */
  followDeployment(deploymentId: string, options?: FollowManyOptions): AsyncIterable<MergedFollowEvent>;
  /** As `logs.streamAll`. */
  followAll(options?: FollowManyOptions): AsyncIterable<MergedFollowEvent>;
  /** As `nodes.watch`. */
  watchNodes(options?: WatchNodesOptions): AsyncIterable<NodeChange>;
  /** As `logs.search`. */
  search(query: OneOrMany<LogSearchQueryInput>, options?: CallOptions): Paged<LogSearchPage, LogSearchHit>;
  /** The connection that all followed logs share. */
  readonly connection: ConnectionState;
  /** Calls the listener on each change until the returned function is called. */
  onConnectionChange(listener: ConnectionListener): () => void;
  /** Aborts the calls that run, ends every followed log and closes the connection. Idempotent. Later calls are refused. */
  close(): Promise<void>;
}
