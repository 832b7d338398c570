import type { IncomingMessage, ServerResponse } from 'node:http';
import { cursorSchema } from '@launchlog/shared/cursor';
import { notFound } from '@launchlog/shared/error-code';
import { nodeEventQuerySchema } from '@launchlog/shared/node-event';
import type { Authenticator } from '../../auth/authenticator.js';
import type { Clock } from '../../clock.js';
import { PumpedStream } from '../../edge/event-stream/pumped-stream.js';
import { EVENT_STREAM_HEADERS, SseStreams } from '../../edge/event-stream/sse-streams.js';
import type { StreamRoom } from '../../edge/event-stream/stream-room.js';
import { parseField } from '../../edge/input-problem.js';
import type { AuthorizedLaunches } from '../../launch/authorized-launches.js';
import type { NodeEventFeed, NodeEventStreamItem } from '../../node/event/node-event-feed.js';
import { readQuery } from '../query-params.js';
import type { RequestScope } from '../request-scope.js';
import { resumeCursorOf } from './resume-cursor.js';
import { frame } from './sse-frame.js';

interface NodeEventSseRouteOptions {
  readonly launches: Pick<AuthorizedLaunches, 'get'>;
  readonly events: Pick<NodeEventFeed, 'follow'>;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  /** Between 0 and 1. */
  readonly random: () => number;
  readonly heartbeatMs: number;
  readonly room: StreamRoom;
  /** Bytes that may wait for one slow client. */
  readonly bufferMaxBytes: number;
}

const ROUTE = 'GET /admin/nodes/{id}/events/stream';
const PATH = /^\/admin\/nodes\/([^/?]+)\/events\/stream(?:\?|$)/;
const streamQuerySchema = nodeEventQuerySchema.pick({ cursor: true });

/** `GET /admin/nodes/{id}/events/stream`: what happened to a node, then what happens. It has no end of its own. */
export class NodeEventSseRoute {
  readonly #options: NodeEventSseRouteOptions;
  readonly #streams: SseStreams<NodeEventStreamItem>;

  constructor(options: NodeEventSseRouteOptions) {
    this.#options = options;
    this.#streams = new SseStreams({ ...options, render });
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
    const { authenticator, launches, events } = this.#options;
    const { headers, url = '' } = incoming;
    const principal = await authenticator.authenticate({ method: 'GET', headers, address: scope.address });
    authenticator.authorize(principal, ROUTE);
    const params = new URL(url, 'http://localhost').searchParams;
    const query = readQuery(streamQuerySchema, params);
    const resumed = resumeCursorOf(incoming, params);
    const cursor =
      resumed === undefined ? query.cursor : parseField(resumed.name, cursorSchema, resumed.value);
    const node = await launches.get(principal, decoded(PATH.exec(url)?.[1] ?? ''));
    if (incoming.method === 'HEAD') {
      response.writeHead(200, EVENT_STREAM_HEADERS).end();
      return;
    }
    this.#streams.open({ response, principal }, (sink) => {
      const pumped = new PumpedStream<NodeEventStreamItem>(sink);
      // The head of the response is written first.
      queueMicrotask(() => pumped.start((signal) => events.follow(node.id, cursor, signal)));
      return pumped;
    });
  }

  close(): void {
    this.#streams.close();
  }
}

function render({ cursor, item }: NodeEventStreamItem): Buffer {
  switch (item.type) {
    case 'event':
      return Buffer.from(frame('event', JSON.stringify(item.event), cursor));
    case 'reset':
      return Buffer.from(frame('reset', JSON.stringify(item.reset)));
    case 'notice':
      return Buffer.from(frame('notice', JSON.stringify(item.notice)));
  }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw notFound('node', segment);
  }
}
