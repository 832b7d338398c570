import type { LogEntry } from '@launchlog/shared/log-entry';
import type { LogPage, LogQueryInput } from '@launchlog/shared/log-query';
import type { LogSearchHit, LogSearchPage, LogSearchQueryInput } from '@launchlog/shared/log-search';
import type { CallOptions } from '../call/call-options.js';
import { Paged } from '../call/paged.js';
import type { FollowManyOptions, MergedFollowEvent } from '../follow-options.js';
import type { ClientCore } from './client-core.js';
import type { HistoryOptions, NodesResource } from './nodes.js';
import { asLists } from '../one-or-many.js';
import type { OneOrMany } from '../one-or-many.js';
import { followMany } from './streams.js';

export interface LogsResource {
  /** As `nodes.logs`. */
  (nodeId: string, query?: OneOrMany<LogQueryInput>, options?: HistoryOptions): Paged<LogPage, LogEntry>;
  /** `await` gives one bounded answer, `for await` every hit: in the history of nodes, of a deployment or of everything. */
  search(query: OneOrMany<LogSearchQueryInput>, options?: CallOptions): Paged<LogSearchPage, LogSearchHit>;
  /** All nodes that are launching or whose launch ended within the last hour, as one stream ordered by time. */
  streamAll(options?: FollowManyOptions): AsyncIterable<MergedFollowEvent>;
}

export interface DeploymentsResource {
  /**
   * The logs of a deployment as one stream ordered by time. Each node keeps its order, each entry appears once, and nodes
   * that join later are included. The stream ends by itself only with `follow: false`.
   */
  logsStream(deploymentId: string, options?: FollowManyOptions): AsyncIterable<MergedFollowEvent>;
}

export function createLogs(core: ClientCore, nodes: NodesResource): LogsResource {
  const history: NodesResource['logs'] = (nodeId, query, options) => nodes.logs(nodeId, query, options);
  return Object.assign(history, {
    search: (query: OneOrMany<LogSearchQueryInput>, options?: CallOptions) =>
      new Paged({
        fetch: (cursor) =>
          core.api.query('logs.search', { ...asLists(query), ...(cursor && { cursor }) }, options),
        itemsOf: (page: LogSearchPage) => page.hits,
        next: (page) => page.nextCursor,
      }),
    streamAll: (options?: FollowManyOptions) =>
      followMany(core, { path: 'logs.streamAll', input: {} }, options),
  });
}

export function createDeployments(core: ClientCore): DeploymentsResource {
  return {
    logsStream: (deploymentId, options) =>
      followMany(core, { path: 'deployments.logsStream', input: { deploymentId } }, options),
  };
}
