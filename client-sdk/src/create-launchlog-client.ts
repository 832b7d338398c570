import type { TRPCClient } from '@trpc/client';
import type { AppRouter } from '@launchlog/server/trpc/router';
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
import type { MergedLogEvent, MergedStreamQueryInput } from '@launchlog/shared/merged-log';
import type { LaunchResult, Node, NodeListQueryInput, NodePage } from '@launchlog/shared/node';
import type { NodeWatchEvent } from '@launchlog/shared/node-watch';
import { backoffMs } from './backoff.js';
import { clientSettings } from './client-options.js';
import type { ClientSettings, LaunchlogClientOptions } from './client-options.js';
import type { ConnectionListener, ConnectionState } from './connection-state.js';
import type { QueuedEvent } from './event-queue.js';
import { exportLog } from './export-log.js';
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
import { createHttpApi } from './http-api.js';
import { LaunchlogApiError } from './launchlog-api-error.js';
import type { LaunchlogClient, LaunchOptions, RetryOptions } from './launchlog-client.js';
import type { StreamHandlers } from './log-stream-source.js';
import { randomKey } from './random-key.js';
import { readLog } from './read-log.js';
import { OpaquePosition } from './reader-position.js';
import { sleep } from './sleep.js';
import { StreamConnection } from './stream-connection.js';
import type { Subscribe } from './stream-connection.js';
import { StreamReader } from './stream-reader.js';
import { toApiError } from './to-api-error.js';

/** Retries of one call while the server is away or asks for a retry. */
const RETRIES_MAX = 3;
/** A call is not retried if the server asks for a longer wait than this (seconds): the caller decides. */
const RETRY_AFTER_MAX_SECONDS = 5;
/** Error codes of a server that does not accept our identity. `forbidden` is not one: there the identity is known. */
const AUTHENTICATION_ERRORS: readonly string[] = [
  'missing_admin_token',
  'invalid_admin_token',
  'invalid_ticket',
  'invalid_origin',
];

/** Throws a TypeError if `url` is not an HTTP address. Connects to nothing until the first call. */
export function createLaunchlogClient(options: LaunchlogClientOptions): LaunchlogClient {
  return new TrpcLaunchlogClient(clientSettings(options));
}

type SubscribeToMany = (
  trpc: TRPCClient<AppRouter>,
  callbacks: Parameters<Subscribe<MergedLogEvent>>[1],
  query: MergedStreamQueryInput,
) => { unsubscribe(): void };

class TrpcLaunchlogClient implements LaunchlogClient {
  readonly #api: TRPCClient<AppRouter>;
  readonly #stream: StreamConnection;
  readonly #settings: ClientSettings;
  readonly #closing = new AbortController();

  constructor(settings: ClientSettings) {
    this.#api = createHttpApi(settings);
    this.#settings = settings;
    this.#stream = new StreamConnection({ ...settings, probe: () => this.#probe() });
  }

  launch(request: LaunchRequestInput, options: LaunchOptions = {}): Promise<LaunchResult> {
    const { idempotencyKey = randomKey() } = options;
    return this.#call(() => this.#api.nodes.launch.mutate({ ...request, idempotencyKey }));
  }

  getNode(idOrClusterName: string): Promise<Node> {
    return this.#call(() => this.#api.nodes.get.query({ id: idOrClusterName }));
  }

  listNodes(query: NodeListQueryInput = {}): Promise<NodePage> {
    return this.#call(() => this.#api.nodes.list.query(query));
  }

  cancelNode(nodeId: string): Promise<Node> {
    return this.#call(() => this.#api.nodes.cancel.mutate({ id: nodeId }));
  }

  terminateNode(nodeId: string): Promise<Node> {
    return this.#call(() => this.#api.nodes.terminate.mutate({ id: nodeId }));
  }

  retryNode(nodeId: string, options: RetryOptions = {}): Promise<LaunchResult> {
    const { idempotencyKey = randomKey(), secrets } = options;
    return this.#call(() => this.#api.nodes.retry.mutate({ id: nodeId, idempotencyKey, secrets }));
  }

  launchMetrics(query: LaunchMetricsQueryInput = {}): Promise<LaunchMetrics> {
    return this.#call(() => this.#api.metrics.launches.query(query));
  }

  createToken(input: AccessTokenInput): Promise<CreatedAccessToken> {
    return this.#call(() => this.#api.tokens.create.mutate(input));
  }

  async listTokens(): Promise<readonly AccessToken[]> {
    return (await this.#call(() => this.#api.tokens.list.query())).tokens;
  }

  revokeToken(tokenId: string): Promise<AccessToken> {
    return this.#call(() => this.#api.tokens.revoke.mutate({ id: tokenId }));
  }

  audit(query: AuditQueryInput = {}): Promise<AuditPage> {
    return this.#call(() => this.#api.audit.list.query(query));
  }

  usualPhases(query: UsualPhasesQuery): Promise<UsualPhases> {
    return this.#call(() => this.#api.metrics.phases.query(query));
  }

  logs(nodeId: string, query: LogQueryInput = {}): Promise<LogPage> {
    return this.#call(() => this.#api.nodes.logs.query({ nodeId, ...query }));
  }

  exportLog(nodeId: string, options: ExportOptions): AsyncIterable<string> {
    const { restUrl, token, requestTimeoutMs } = this.#settings;
    const url = `${restUrl}/nodes/${encodeURIComponent(nodeId)}/logs/export`;
    return exportLog({ url, token, timeoutMs: requestTimeoutMs, options });
  }

  followLog(
    nodeId: string,
    options: FollowOptions & { readonly connectionEvents: true },
  ): AsyncIterable<FollowEvent | ConnectionEvent>;
  followLog(
    nodeId: string,
    options?: FollowOptions & { readonly connectionEvents?: false | undefined },
  ): AsyncIterable<FollowEvent>;
  followLog(nodeId: string, options: FollowOptions = {}): AsyncIterable<FollowEvent | ConnectionEvent> {
    const { signal, connectionEvents = false, ...query } = options;
    const request = {
      source: this.#stream,
      nodeId,
      query,
      connectionEvents,
      giveUpAfterMs: this.#settings.giveUpAfterMs,
      signal,
    };
    return { [Symbol.asyncIterator]: () => readLog(request) };
  }

  followDeployment(deploymentId: string, options: FollowManyOptions = {}): AsyncIterable<MergedFollowEvent> {
    return this.#followMany(options, (trpc, callbacks, query) =>
      trpc.deployments.logsStream.subscribe({ deploymentId, ...query }, callbacks),
    );
  }

  followAll(options: FollowManyOptions = {}): AsyncIterable<MergedFollowEvent> {
    return this.#followMany(options, (trpc, callbacks, query) =>
      trpc.logs.streamAll.subscribe(query, callbacks),
    );
  }

  watchNodes(options: WatchNodesOptions = {}): AsyncIterable<NodeChange> {
    const { signal, ...query } = options;
    return this.#read<NodeWatchEvent>(
      signal,
      () => false,
      (lastEventId) => (trpc, callbacks) => trpc.nodes.watch.subscribe({ ...query, lastEventId }, callbacks),
    );
  }

  search(query: LogSearchQueryInput): Promise<LogSearchPage> {
    return this.#call(() => this.#api.logs.search.query(query));
  }

  #followMany(options: FollowManyOptions, subscribe: SubscribeToMany): AsyncIterable<MergedFollowEvent> {
    const { signal, ...query } = options;
    const isLast = ({ type }: MergedLogEvent) => type === 'end';
    return this.#read<MergedLogEvent>(
      signal,
      isLast,
      (lastId) => (trpc, callbacks) =>
        subscribe(trpc, callbacks, lastId === undefined ? query : { ...query, cursor: lastId }),
    );
  }

  #read<Event extends QueuedEvent>(
    signal: AbortSignal | undefined,
    isLast: (event: Event) => boolean,
    subscribeAfter: (lastId: string | undefined) => Subscribe<Event>,
  ): AsyncIterable<Event & { readonly cursor: string }> {
    const { giveUpAfterMs } = this.#settings;
    const open = (lastId: string | undefined, handlers: StreamHandlers<Event>) =>
      this.#stream.openStream(subscribeAfter(lastId), handlers);
    const createReader = () =>
      new StreamReader<Event>({ open, position: new OpaquePosition(), isLast, giveUpAfterMs, signal });
    return { [Symbol.asyncIterator]: () => createReader().iterate() };
  }

  get connection(): ConnectionState {
    return this.#stream.state;
  }

  onConnectionChange(listener: ConnectionListener): () => void {
    return this.#stream.onChange(listener);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#stream.close();
  }

  /** Every call is safe to retry: it only reads, carries an idempotency key, or states a desired state. */
  async #call<Answer>(run: () => Promise<Answer>): Promise<Answer> {
    for (let attempt = 0; ; attempt += 1) {
      if (this.#closing.signal.aborted)
        throw new LaunchlogApiError('invalid_request', 'the client was closed');
      try {
        return await run();
      } catch (cause) {
        const error = toApiError(cause);
        const waitSeconds = error.retryAfterSeconds ?? 0;
        if (!error.retryable || attempt >= RETRIES_MAX || waitSeconds > RETRY_AFTER_MAX_SECONDS) throw error;
        await sleep(Math.max(waitSeconds * 1_000, backoffMs(attempt)), this.#closing.signal);
      }
    }
  }

  async #probe(): Promise<void> {
    try {
      await this.#api.nodes.list.query({ limit: 1 });
    } catch (cause) {
      const error = toApiError(cause);
      if (error.unreachable || AUTHENTICATION_ERRORS.includes(error.code)) throw error;
    }
  }
}
