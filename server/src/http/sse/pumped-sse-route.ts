import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Node } from '@launchlog/shared/node';
import type { RestRouteName } from '../../edge/access-table.js';
import { PumpedStream } from '../../edge/event-stream/pumped-stream.js';
import { EVENT_STREAM_HEADERS, SseStreams } from '../../edge/event-stream/sse-streams.js';
import type { AuthorizedLaunches } from '../../launch/authorized-launches.js';
import type { RequestScope } from '../request-scope.js';
import { nodeSegment } from './node-segment.js';
import type { SseRouteOptions } from './sse-route-options.js';

export interface PumpedSseRouteOptions extends SseRouteOptions {
  readonly launches: Pick<AuthorizedLaunches, 'get'>;
}

/** The items of a stream of one node, and how a request for them is read. */
interface PumpedSource<Item> {
  readonly route: RestRouteName;
  /** Its first group is the name of the node. */
  readonly path: RegExp;
  readonly render: (item: Item) => string;
  /** Reads the request, before the node is looked up. Throws errors for the caller; so does the function that it returns. */
  readonly read: (incoming: IncomingMessage, params: URLSearchParams) => (node: Node) => Items<Item>;
}

type Items<Item> = (signal: AbortSignal) => AsyncIterable<Item>;

/** A stream of one node's items that are not read from the feed of logs. */
export class PumpedSseRoute<Item> {
  readonly #options: PumpedSseRouteOptions;
  readonly #source: PumpedSource<Item>;
  readonly #streams: SseStreams<Item>;

  constructor(options: PumpedSseRouteOptions, source: PumpedSource<Item>) {
    this.#options = options;
    this.#source = source;
    this.#streams = new SseStreams({ ...options, render: source.render });
  }

  /** Streams that are open now. */
  get size(): number {
    return this.#streams.size;
  }

  matches(url: string): boolean {
    return this.#source.path.test(url);
  }

  /** Throws what the caller must get as an error; after the first byte no error can be sent. */
  async handle(incoming: IncomingMessage, response: ServerResponse, scope: RequestScope): Promise<void> {
    const { authenticator, launches } = this.#options;
    const { route, path, read } = this.#source;
    const { headers, url = '' } = incoming;
    const principal = await authenticator.authenticate({ method: 'GET', headers, address: scope.address });
    authenticator.authorize(principal, route);
    const open = read(incoming, new URL(url, 'http://localhost').searchParams);
    const items = open(await launches.get(principal, nodeSegment(path.exec(url)?.[1] ?? '')));
    if (incoming.method === 'HEAD') {
      response.writeHead(200, EVENT_STREAM_HEADERS).end();
      return;
    }
    this.#streams.open({ response, principal }, (sink) => {
      const pumped = new PumpedStream<Item>(sink);
      // The head of the response must be written first.
      queueMicrotask(() => pumped.start(items));
      return pumped;
    });
  }

  close(): void {
    this.#streams.close();
  }
}
