import { z } from '@hono/zod-openapi';
import { logSearchEndSchema, logSearchHitSchema, logSearchQuerySchema } from '@launchlog/shared/log-search';
import { snakeCaseKeys } from '@launchlog/shared/wire-case';
import type { Clock } from '../../clock.js';
import type { AuthorizedLaunches } from '../../launch/authorized-launches.js';
import { scannedNodes } from '../../launch/scanned-nodes.js';
import type { LogScanService } from '../../search/log-scan-service.js';
import type { ScanItem } from '../../search/log-scan.js';
import { readQuery } from '../query-params.js';
import type { RestApp, RestRoute } from '../rest-app.js';
import { streamedAnswer } from '../streamed-answer.js';
import { snakeCaseSchema } from '../wire-schema.js';

interface SearchRouteOptions {
  readonly launches: Pick<AuthorizedLaunches, 'get' | 'list'>;
  readonly scans: Pick<LogScanService, 'stream'>;
  readonly clock: Clock;
  /** How long a client may take to read the response. */
  readonly readWithinMs?: number | undefined;
}

/** A search counts against a small limit until its response has been read: a client that does not read is disconnected. */
const READ_WITHIN_MS = 60_000;

export function addSearchRoutes(app: RestApp, options: SearchRouteOptions): void {
  const { launches, scans, clock, readWithinMs = READ_WITHIN_MS } = options;
  app.add(SEARCH, async (call) => {
    const query = readQuery(logSearchQuerySchema, call.query);
    const principal = call.principal();
    const by = { name: principal.tokenId ?? principal.name, signal: principal.revoked };
    const items = scans.stream(query, scannedNodes(launches, principal), by);
    const { outgoing } = call.context.env;
    outgoing.once(
      'close',
      clock.after(readWithinMs, () => outgoing.destroy()),
    );
    const bytes = linesOf(await begun(items));
    return streamedAnswer(call, { mediaType: 'application/x-ndjson', bytes });
  });
}

/** Waits for the first item, so that an earlier failure is a response with a status instead of an aborted stream. */
async function begun(items: AsyncIterable<ScanItem>): Promise<AsyncIterable<ScanItem>> {
  const iterator = items[Symbol.asyncIterator]();
  const first = await iterator.next();
  return (async function* () {
    try {
      for (let step = first; step.done !== true; step = await iterator.next()) yield step.value;
    } finally {
      await iterator.return?.();
    }
  })();
}

/** Not compressed: a compressor would delay hits. */
async function* linesOf(items: AsyncIterable<ScanItem>): AsyncGenerator<Uint8Array> {
  for await (const item of items) yield Buffer.from(renderItem(item), 'utf8');
}

function renderItem(item: ScanItem): string {
  if (item.kind === 'end') return `${JSON.stringify({ type: 'end', ...snakeCaseKeys(item.end) })}\n`;
  return item.hits.map((hit) => `${JSON.stringify({ type: 'hit', ...snakeCaseKeys(hit) })}\n`).join('');
}

const SEARCH: RestRoute = {
  route: 'GET /admin/logs/search',
  summary: 'Search the logs of many nodes',
  description:
    'Searches the history of the nodes named by `node_id`, of a deployment, or of all nodes: newest nodes first, each ' +
    'log from its beginning. Sends one JSON object per line: each hit as it is found, then whether the search was ' +
    'complete. A search runs for a few seconds at most; continue it with `next_cursor`.',
  request: { query: snakeCaseSchema(logSearchQuerySchema) },
  responses: {
    200: {
      description: 'Lines of type `hit`, then one of type `end`',
      content: {
        'application/x-ndjson': {
          schema: z.union([
            snakeCaseSchema(logSearchHitSchema).extend({ type: z.literal('hit') }),
            snakeCaseSchema(logSearchEndSchema).extend({ type: z.literal('end') }),
          ]),
        },
      },
    },
  },
  errors: ['invalid_request', 'node_not_found', 'unavailable'],
};
