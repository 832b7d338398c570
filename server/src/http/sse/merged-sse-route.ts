import type { IncomingMessage, ServerResponse } from 'node:http';
import { labelSchema } from '@launchlog/shared/field-rule';
import { mergedCursorSchema, mergedStreamQuerySchema } from '@launchlog/shared/merged-log';
import type { MergedStreamQuery } from '@launchlog/shared/merged-log';
import { EVENT_STREAM_HEADERS, SseStreams } from '../../edge/event-stream/sse-streams.js';
import { parseField } from '../../edge/input-problem.js';
import type { MergedFeed } from '../../merged-feed/merged-feed.js';
import type { MergedBatch } from '../../merged-feed/merged-item.js';
import type { NodeOwner } from '../../node-owner.js';
import { requireVisible } from '../../principal.js';
import type { Principal } from '../../principal.js';
import { readQuery } from '../query-params.js';
import type { RequestScope } from '../request-scope.js';
import { renderMergedBatch } from './merged-sse-frame.js';
import { resumeCursorOf } from './resume-cursor.js';
import type { ResumeCursor } from './resume-cursor.js';
import type { SseRouteOptions } from './sse-route-options.js';

interface MergedSseRouteOptions extends SseRouteOptions {
  readonly merged: Pick<MergedFeed, 'attach'>;
}

interface OpeningStream {
  readonly scope: NodeOwner;
  readonly query: MergedStreamQuery;
  readonly response: ServerResponse;
  readonly principal: Principal;
}

const ROUTE = 'GET /admin/logs/stream';
const PATH = /^\/admin\/(?:deployments\/([^/?]+)\/)?logs\/stream(?:\?|$)/;

/**
 * `GET /admin/deployments/{id}/logs/stream` and `GET /admin/logs/stream`. Tickets are for single nodes: none is accepted
 * here.
 */
export class MergedSseRoute {
  readonly #options: MergedSseRouteOptions;
  readonly #streams: SseStreams<MergedBatch>;

  constructor(options: MergedSseRouteOptions) {
    this.#options = options;
    this.#streams = new SseStreams({ ...options, render: renderMergedBatch });
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
    const url = incoming.url ?? '';
    const { authenticator } = this.#options;
    const { headers } = incoming;
    const principal = await authenticator.authenticate({ method: 'GET', headers, address: scope.address });
    authenticator.authorize(principal, ROUTE);
    const reach = requireVisible(principal, scopeOf(PATH.exec(url)?.[1]));
    const params = new URL(url, 'http://localhost').searchParams;
    const query = withCursor(readQuery(mergedStreamQuerySchema, params), resumeCursorOf(incoming, params));
    if (incoming.method === 'HEAD') {
      response.writeHead(200, EVENT_STREAM_HEADERS).end();
      return;
    }
    this.#open({ scope: reach, query, response, principal });
  }

  close(): void {
    this.#streams.close();
  }

  #open({ scope, query, response, principal }: OpeningStream): void {
    const { merged } = this.#options;
    const caller = principal.tokenId ?? principal.name;
    this.#streams.open({ response, principal }, (sink) => merged.attach({ caller, scope, query, sink }));
  }
}

function scopeOf(segment: string | undefined): NodeOwner {
  if (segment === undefined) return {};
  return { deploymentId: parseField('deployment_id', labelSchema, decoded(segment)) };
}

/** A segment that cannot be decoded stays as it is, and the schema refuses its percent signs. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function withCursor(query: MergedStreamQuery, cursor: ResumeCursor | undefined): MergedStreamQuery {
  if (cursor === undefined) return query;
  return { ...query, cursor: parseField(cursor.name, mergedCursorSchema, cursor.value) };
}
