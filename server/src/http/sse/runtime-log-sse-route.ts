import type { IncomingMessage, ServerResponse } from 'node:http';
import { notFound } from '@launchlog/shared/error-code';
import type { RuntimeLogEvent } from '@launchlog/shared/event';
import { runtimeLogQuerySchema } from '@launchlog/shared/event';
import type { Authenticator } from '../../auth/authenticator.js';
import type { Clock } from '../../clock.js';
import { PumpedStream } from '../../edge/event-stream/pumped-stream.js';
import { EVENT_STREAM_HEADERS, SseStreams } from '../../edge/event-stream/sse-streams.js';
import type { StreamRoom } from '../../edge/event-stream/stream-room.js';
import type { AuthorizedLaunches } from '../../launch/authorized-launches.js';
import type { RuntimeLogs } from '../../runtime-log/runtime-logs.js';
import { readQuery } from '../query-params.js';
import type { RequestScope } from '../request-scope.js';
import { frame } from './sse-frame.js';

interface RuntimeLogSseRouteOptions {
  readonly launches: Pick<AuthorizedLaunches, 'get'>;
  readonly runtimeLogs: Pick<RuntimeLogs, 'check' | 'follow'>;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  /** Between 0 and 1. */
  readonly random: () => number;
  readonly heartbeatMs: number;
  readonly room: StreamRoom;
  /** Bytes that may wait for one slow client. */
  readonly bufferMaxBytes: number;
}

const ROUTE = 'GET /admin/nodes/{id}/runtime-logs/stream';
const PATH = /^\/admin\/nodes\/([^/?]+)\/runtime-logs\/stream(?:\?|$)/;

/** `GET /admin/nodes/{id}/runtime-logs/stream`: what the job of a running node prints, while somebody reads it. */
export class RuntimeLogSseRoute {
  readonly #options: RuntimeLogSseRouteOptions;
  readonly #streams: SseStreams<RuntimeLogEvent>;

  constructor(options: RuntimeLogSseRouteOptions) {
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
    const { authenticator, launches, runtimeLogs } = this.#options;
    const { headers, url = '' } = incoming;
    const principal = await authenticator.authenticate({ method: 'GET', headers, address: scope.address });
    authenticator.authorize(principal, ROUTE);
    const query = readQuery(runtimeLogQuerySchema, new URL(url, 'http://localhost').searchParams);
    const node = await launches.get(principal, decoded(PATH.exec(url)?.[1] ?? ''));
    runtimeLogs.check(node);
    if (incoming.method === 'HEAD') {
      response.writeHead(200, EVENT_STREAM_HEADERS).end();
      return;
    }
    this.#streams.open({ response, principal }, (sink) => {
      const pumped = new PumpedStream<RuntimeLogEvent>(sink);
      // The head of the response is written first.
      queueMicrotask(() => pumped.start((signal) => runtimeLogs.follow(node, query, signal)));
      return pumped;
    });
  }

  close(): void {
    this.#streams.close();
  }
}

function render(event: RuntimeLogEvent): Buffer {
  switch (event.type) {
    case 'line':
      return Buffer.from(frame('line', JSON.stringify(event.line)));
    case 'done':
      return Buffer.from(frame('done', JSON.stringify(event.done)));
  }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw notFound('node', segment);
  }
}
