import type { IncomingMessage, ServerResponse } from 'node:http';
import { cursorSchema, parseCursor } from '@launchlog/shared/cursor';
import type { Cursor } from '@launchlog/shared/cursor';
import { logStreamQuerySchema } from '@launchlog/shared/log-query';
import type { LogStreamQuery } from '@launchlog/shared/log-query';
import type { Node } from '@launchlog/shared/node';
import { EVENT_STREAM_HEADERS, SseStreams } from '../../edge/event-stream/sse-streams.js';
import { BatchCache } from '../../edge/batch-cache.js';
import { parseField } from '../../edge/input-problem.js';
import type { FeedBatch } from '../../feed/feed-item.js';
import type { LogFeed } from '../../feed/log-feed.js';
import type { AuthorizedLaunches } from '../../launch/authorized-launches.js';
import type { NodeLogStore } from '../../log/log-store.js';
import type { Principal } from '../../principal.js';
import { readQuery } from '../query-params.js';
import type { RequestScope } from '../request-scope.js';
import { nodeSegment } from './node-segment.js';
import { resumeCursorOf } from './resume-cursor.js';
import type { ResumeCursor } from './resume-cursor.js';
import { renderBatch } from './sse-frame.js';
import type { SseRouteOptions } from './sse-route-options.js';

interface LogSseRouteOptions extends SseRouteOptions {
  readonly launches: Pick<AuthorizedLaunches, 'get'>;
  readonly logs: Pick<NodeLogStore, 'read'>;
  readonly feed: Pick<LogFeed, 'attach'>;
}

const PATH = /^\/admin\/nodes\/([^/?]+)\/logs\/stream(?:\?|$)/;
const ROUTE = 'GET /admin/nodes/{id}/logs/stream';
/** The text of each batch as all streams of this process share it. */
const rendered = new BatchCache(renderBatch);

/** `GET /admin/nodes/{id}/logs/stream`. Writes to the raw response: nothing comes between the feed and the socket. */
export class LogSseRoute {
  readonly #options: LogSseRouteOptions;
  readonly #streams: SseStreams<FeedBatch>;

  constructor(options: LogSseRouteOptions) {
    this.#options = options;
    this.#streams = new SseStreams({ ...options, render: (batch) => rendered.get(batch) });
  }

  /** Streams that are open now. */
  get size(): number {
    return this.#streams.size;
  }

  matches(url: string): boolean {
    return PATH.test(url);
  }

  /** Throws what the caller must get as an error; after the first byte no error can be sent. */
  async handle(incoming: IncomingMessage, response: ServerResponse, scope: RequestScope): Promise<void> {
    const url = new URL(incoming.url ?? '', 'http://localhost');
    const name = nodeSegment(PATH.exec(incoming.url ?? '')?.[1] ?? '');
    const cursor = resumeCursorOf(incoming, url.searchParams);
    const principal = await this.#authenticate(incoming, url, { scope, resumed: cursor !== undefined });
    this.#options.authenticator.authorize(principal, ROUTE);
    const query = withCursor(readQuery(logStreamQuerySchema, url.searchParams), cursor);
    const node = await this.#options.launches.get(principal, name);
    if (await this.#hasReceivedEnd(node, query)) {
      response.writeHead(204).end();
      return;
    }
    if (incoming.method === 'HEAD') {
      response.writeHead(200, EVENT_STREAM_HEADERS).end();
      return;
    }
    await this.#open({ node, principal, ticket: url.searchParams.get('ticket') }, query, response);
  }

  close(): void {
    this.#streams.close();
  }

  async #authenticate(
    incoming: IncomingMessage,
    url: URL,
    request: { scope: RequestScope; resumed: boolean },
  ): Promise<Principal> {
    const ticket = url.searchParams.get('ticket');
    const { authenticator } = this.#options;
    if (
      ticket !== null &&
      (await authenticator.isAnonymous({ headers: incoming.headers, ...request.scope }))
    ) {
      return authenticator.redeemTicket(ticket, request.resumed);
    }
    return authenticator.authenticate({
      method: 'GET',
      headers: incoming.headers,
      address: request.scope.address,
    });
  }

  /**
   * Whether the client has received the end of this very log: it gets 204, after which EventSource does not reconnect. False
   * while the store is away: the stream opens, and the feed sends the reason.
   */
  async #hasReceivedEnd(node: Node, query: LogStreamQuery): Promise<boolean> {
    const cursor: Cursor | undefined = query.cursor === undefined ? undefined : parseCursor(query.cursor);
    if (cursor?.done !== true) return false;
    const range = { from: { tail: 1 }, limit: 1 };
    const log = await this.#options.logs.read(node.id, range).catch(() => undefined);
    return log !== undefined && log.closed && log.epoch === cursor.epoch;
  }

  async #open(
    { node, principal, ticket }: LogRequest,
    query: LogStreamQuery,
    response: ServerResponse,
  ): Promise<void> {
    const { feed, authenticator, streamLimit } = this.#options;
    streamLimit.requireFree();
    if (principal.kind === 'stream_ticket') await authenticator.noteOpened(ticket ?? '');
    this.#streams.open({ response, principal }, (sink) => feed.attach({ nodeId: node.id, query, sink }));
  }
}

interface LogRequest {
  /** The ticket in the URL. */
  readonly ticket: string | null;
  readonly node: Node;
  readonly principal: Principal;
}

function withCursor(query: LogStreamQuery, cursor: ResumeCursor | undefined): LogStreamQuery {
  if (cursor === undefined) return query;
  return { ...query, cursor: parseField(cursor.name, cursorSchema, cursor.value) };
}
