import { z } from '@hono/zod-openapi';
import { gapSchema, resetSchema } from '@launchlog/shared/event';
import { logEntrySchema } from '@launchlog/shared/log-entry';
import { logQuerySchema, logStreamQuerySchema } from '@launchlog/shared/log-query';
import type { AuditLog } from '../../audit/audit-log.js';
import type { StreamTickets } from '../../auth/stream-tickets.js';
import type { AuthorizedLaunches } from '../../launch/authorized-launches.js';
import type { NodeLogStore } from '../../log/log-store.js';
import type { PageAnswerLimiter } from '../../rate-limit/page-answer-limiter.js';
import { getLogs } from '../../search/log-page.js';
import { preferredFormat } from '../export-media-type.js';
import { logPageFile } from '../log-page-file.js';
import { logPageJson } from '../log-page-json.js';
import { CURSOR_PARAMS } from '../sse/resume-cursor.js';
import { readQuery } from '../query-params.js';
import { eventStreamContent, LOG_EVENTS } from '../sse/event-stream-content.js';
import type { RestApp, RestRoute } from '../rest-app.js';
import { jsonContent, snakeCaseSchema } from '../wire-schema.js';
import { audited } from './export-routes.js';

interface LogRouteOptions {
  readonly launches: Pick<AuthorizedLaunches, 'get'>;
  readonly audit: Pick<AuditLog, 'around'>;
  readonly logs: NodeLogStore;
  readonly tickets: StreamTickets;
  readonly pageAnswers: PageAnswerLimiter;
}

/** Created here: `openapi()` exists only on schemas that are created after its library is loaded. */
const wireEntry = snakeCaseSchema(logEntrySchema).openapi('LogEntry');
const nodeParam = z.object({ id: z.string().openapi({ description: 'Node id or cluster name' }) });

export function addLogRoutes(app: RestApp, options: LogRouteOptions): void {
  const { launches, logs, tickets, audit, pageAnswers } = options;
  app.add(LOGS, async (call) => {
    const query = readQuery(logQuerySchema, call.query);
    const { name, tokenId } = call.principal();
    const node = await launches.get(call.principal(), call.param('id'));
    pageAnswers.take(tokenId ?? name, call.context.env.outgoing);
    const read = () => getLogs(logs, node, query);
    const format = preferredFormat(call.incoming.headers.accept);
    if (format !== 'json') {
      /** A page as a file is an export, too. */
      return logPageFile(call, await audited(audit, call, { nodeId: node.id, work: read }), format);
    }
    return logPageJson(call, node.id, await read());
  });
  app.add(TICKET, async (call) => {
    const node = await launches.get(call.principal(), call.param('id'));
    const { ticket, expiresInSeconds } = tickets.issue(node.id, call.principal());
    return call.context.json({ ticket, expires_in: expiresInSeconds });
  });
  app.describe(STREAM);
}

const LOGS: RestRoute = {
  route: 'GET /admin/nodes/{id}/logs',
  summary: 'The log of a node so far',
  description:
    'Without a cursor the last `tail` entries; with one, up to `limit` entries after it. `Accept: text/csv`, ' +
    '`application/x-ndjson` or `text/plain` returns the same page as a file, which is audited as `log.export`.',
  request: { params: nodeParam, query: snakeCaseSchema(logQuerySchema) },
  responses: {
    200: jsonContent(
      'One page; the next page, or a stream, begins at `next_cursor`',
      z.object({
        node_id: z.uuid(),
        count: z.int(),
        logs: z.array(wireEntry),
        next_cursor: z.string(),
        gap: gapSchema.optional(),
        reset: resetSchema.optional(),
      }),
    ),
  },
  errors: ['invalid_request', 'node_not_found', 'unavailable'],
};
const TICKET: RestRoute = {
  route: 'POST /admin/nodes/{id}/logs/ticket',
  summary: 'A ticket for one EventSource',
  description:
    'EventSource cannot send headers: open `/admin/nodes/{id}/logs/stream?ticket=…` within `expires_in` seconds. ' +
    'Its reconnects reuse the URL, which works because they name the last event.',
  request: { params: nodeParam },
  responses: {
    200: jsonContent('The ticket', z.object({ ticket: z.string(), expires_in: z.int() })),
  },
  errors: ['node_not_found'],
};
const STREAM: RestRoute = {
  route: 'GET /admin/nodes/{id}/logs/stream',
  summary: 'The log of a node as it happens',
  description:
    'Server-sent events: `log` (its `id` is a cursor), `status`, `error`, `gap`, `reset`, `notice`, and at the end ' +
    '`done`. `Last-Event-ID` overrides `lastEventId` and `last_event_id` in the URL, which override `cursor`, which ' +
    'overrides `tail` and `since`.',
  request: {
    params: nodeParam,
    query: snakeCaseSchema(logStreamQuerySchema).extend({ ticket: z.string().optional() }),
    headers: z.object({ 'Last-Event-ID': z.string().optional() }),
  },
  responses: {
    200: eventStreamContent('LogStream', LOG_EVENTS),
    204: { description: 'Resumed after the end: there are no more events' },
  },
  otherParams: CURSOR_PARAMS,
  errors: ['invalid_request', 'invalid_ticket', 'node_not_found', 'unavailable'],
};
