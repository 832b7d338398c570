import type { LaunchChanges, LaunchedRequest } from '@launchlog/shared/launch-changes';
import type { LaunchEstimate } from '@launchlog/shared/cost/launch-estimate';
import type { LaunchRequestInput } from '@launchlog/shared/launch-request';
import type { Gap, Reset, RuntimeLogEvent } from '@launchlog/shared/event';
import type { LogEntry } from '@launchlog/shared/log-entry';
import type { LogPage, LogQueryInput } from '@launchlog/shared/log-query';
import type { LaunchResult, Node, NodeListQueryInput, NodePage } from '@launchlog/shared/node';
import type { NodeEvent, NodeEventPage, NodeEventQueryInput } from '@launchlog/shared/node-event';
import type { CallOptions } from '../call/call-options.js';
import { Paged } from '../call/paged.js';
import type {
  ConnectionEvent,
  FollowEvent,
  FollowEventsOptions,
  FollowOptions,
  NodeChange,
  NodeEventChange,
  RuntimeLogOptions,
  WatchNodesOptions,
} from '../follow-options.js';
import { LOG_BEGINNING } from '../log-start.js';
import { randomKey } from '../random-key.js';
import type { ClientCore } from './client-core.js';
import { asLists } from '../one-or-many.js';
import type { OneOrMany } from '../one-or-many.js';
import { followLog, followNodeEvents, followRuntimeLogs, watchNodes } from './streams.js';

export interface LaunchOptions extends CallOptions {
  /**
   * Calls with the same key launch once; later calls get the first answer. Generated if absent, so that the client's own
   * retries after a lost answer never launch twice. Example: `build-1234`.
   */
  readonly idempotencyKey?: string | undefined;
}

export interface RetryOptions extends LaunchOptions {
  /** Secrets of the new launch: those of the first one were not kept. */
  readonly secrets?: LaunchRequestInput['secrets'];
  /** Fields that take the place of those of the first launch; `null` takes one away. */
  readonly changes?: LaunchChanges | undefined;
}

export interface HistoryOptions extends CallOptions {
  /** Called in an iteration where entries between two pages are no longer held. */
  readonly onGap?: ((gap: Gap) => void) | undefined;
  /** Called in an iteration where the log was replaced by a new one, whose entries follow. */
  readonly onReset?: ((reset: Reset) => void) | undefined;
}

export interface NodesResource {
  /** Resolves as soon as the launch is stored; the server carries it out. */
  launch(request: LaunchRequestInput, options?: LaunchOptions): Promise<LaunchResult>;
  /** What a launch would get and cost now. Nothing is launched; secrets are not sent. */
  estimate(request: LaunchRequestInput, options?: CallOptions): Promise<LaunchEstimate>;
  /** Finds a node by its id or cluster name. */
  get(idOrClusterName: string, options?: CallOptions): Promise<Node>;
  /** What was asked for when the node was launched, with the names of its secrets and not their values. */
  request(idOrClusterName: string, options?: CallOptions): Promise<LaunchedRequest>;
  /** `await` gives one page, newest first or as `sort` names it; `for await` yields every node. */
  list(query?: OneOrMany<NodeListQueryInput>, options?: CallOptions): Paged<NodePage, Node>;
  /** Stops a launch and cleans up after it. */
  cancel(nodeId: string, options?: CallOptions): Promise<Node>;
  /** Terminates the cloud resources of an active or failed node. */
  terminate(nodeId: string, options?: CallOptions): Promise<Node>;
  /** Repeats a launch as a new node, with changes if any are given. */
  retry(nodeId: string, options?: RetryOptions): Promise<LaunchResult>;
  /**
   * `await` gives one page of history: the last `tail` entries, or those after `cursor`. `for await` yields entry after entry,
   * from `cursor`, from the last `tail` if given, or from the first one that is kept, up to the present end of the log.
   */
  logs(nodeId: string, query?: OneOrMany<LogQueryInput>, options?: HistoryOptions): Paged<LogPage, LogEntry>;
  /** `await` gives one page of what happened to the node, oldest first; `for await` yields every event so far. */
  events(nodeId: string, query?: NodeEventQueryInput, options?: CallOptions): Paged<NodeEventPage, NodeEvent>;
  /** What happened, then what happens, each once and in order, across lost connections. It does not end by itself. */
  eventsStream(nodeId: string, options?: FollowEventsOptions): AsyncIterable<NodeEventChange>;
  /**
   * What the job of an active node prints: its last `tail` lines, then, unless `follow` is false, what comes. Nothing of it is
   * stored, so after a lost connection it begins with its tail again. Ends after `done`.
   */
  runtimeLogs(nodeId: string, options?: RuntimeLogOptions): AsyncIterable<RuntimeLogEvent>;
  /** Yields a snapshot of the list of nodes, then each change, across lost connections. It does not end by itself. */
  watch(options?: WatchNodesOptions): AsyncIterable<NodeChange>;
  /** History, then new entries, each once and in order, across lost connections and restarts of the server. */
  logsStream(
    nodeId: string,
    options: FollowOptions & {
      /** The connection's state is yielded too. */
      readonly connectionEvents: true;
    },
  ): AsyncIterable<FollowEvent | ConnectionEvent>;
  /** History, then new entries, each once and in order. */
  logsStream(
    nodeId: string,
    options?: FollowOptions & {
      /** Off. */
      readonly connectionEvents?: false | undefined;
    },
  ): AsyncIterable<FollowEvent>;
}

export function createNodes(core: ClientCore): NodesResource {
  const { api } = core;
  return {
    launch(request, { idempotencyKey = randomKey(), ...options } = {}) {
      return api.mutate('nodes.launch', { ...request, idempotencyKey }, options);
    },
    estimate: (request, options) => api.mutate('nodes.estimate', withoutSecrets(request), options),
    get: (id, options) => api.query('nodes.get', { id }, options),
    request: (id, options) => api.query('nodes.request', { id }, options),
    list: (query = {}, options) =>
      new Paged({
        fetch: (cursor) => api.query('nodes.list', { ...asLists(query), ...(cursor && { cursor }) }, options),
        itemsOf: (page) => page.nodes,
        next: (page) => page.nextCursor,
      }),
    cancel: (id, options) => api.mutate('nodes.cancel', { id }, options),
    terminate: (id, options) => api.mutate('nodes.terminate', { id }, options),
    retry(id, { idempotencyKey = randomKey(), secrets, changes, ...options } = {}) {
      return api.mutate('nodes.retry', { ...changes, id, idempotencyKey, secrets }, options);
    },
    logs: (nodeId, query, options) => history(core, { nodeId, query: asLists(query ?? {}), options }),
    events: (nodeId, query = {}, options) =>
      new Paged({
        fetch: (cursor) =>
          api.query('nodes.events', { nodeId, ...query, ...(cursor && { cursor }) }, options),
        itemsOf: (page) => page.events,
        next: (page) => (page.count === 0 ? undefined : page.nextCursor),
      }),
    eventsStream: (nodeId, options) => followNodeEvents(core, nodeId, options),
    runtimeLogs: (nodeId, options) => followRuntimeLogs(core, nodeId, options),
    watch: (options) => watchNodes(core, options),
    logsStream: (nodeId: string, options?: FollowOptions) =>
      followLog(core, nodeId, options) as AsyncIterable<FollowEvent>,
  };
}

/** A request whose key is among its secrets is refused without them. */
function withoutSecrets(request: LaunchRequestInput): LaunchRequestInput {
  const { endpointAuth } = request;
  return {
    ...request,
    secrets: undefined,
    endpointAuth: endpointAuth === 'secret' ? undefined : endpointAuth,
  };
}

interface HistoryRequest {
  readonly nodeId: string;
  readonly query: LogQueryInput;
  readonly options: HistoryOptions | undefined;
}

function history(core: ClientCore, request: HistoryRequest): Paged<LogPage, LogEntry> {
  const { nodeId, query } = request;
  const { onGap, onReset, ...options } = request.options ?? {};
  const isTail = query.tail !== undefined || query.cursor !== undefined;
  return new Paged({
    fetch: (cursor) => core.api.query('nodes.logs', { nodeId, ...query, ...(cursor && { cursor }) }, options),
    begin: isTail ? undefined : LOG_BEGINNING,
    itemsOf(page) {
      if (page.gap !== undefined) onGap?.(page.gap);
      if (page.reset !== undefined) onReset?.(page.reset);
      return page.logs;
    },
    next: (page) => (page.count === 0 && page.reset === undefined ? undefined : page.nextCursor),
  });
}
