import { z } from '@hono/zod-openapi';
import { auditEntrySchema, auditExportQuerySchema, auditQuerySchema } from '@launchlog/shared/audit';
import { snakeCaseKeys } from '@launchlog/shared/wire-case';
import type { AuditLog } from '../../audit/audit-log.js';
import type { Authenticator } from '../../auth/authenticator.js';
import { readQuery } from '../query-params.js';
import type { RestApp, RestRoute } from '../rest-app.js';
import { streamedAnswer } from '../streamed-answer.js';
import { jsonContent, snakeCaseSchema } from '../wire-schema.js';

interface AuditRouteOptions {
  readonly audit: Pick<AuditLog, 'list' | 'export' | 'around'>;
  readonly authenticator: Pick<Authenticator, 'runHeavyRead'>;
}

/** Lists and exports the audit trail, for administrators. */
export function addAuditRoutes(app: RestApp, { audit, authenticator }: AuditRouteOptions): void {
  app.add(LIST, async (call) => {
    const { entries, nextCursor } = await audit.list(readQuery(auditQuerySchema, call.query));
    return call.context.json({
      entries: entries.map(snakeCaseKeys),
      count: entries.length,
      ...(nextCursor === undefined ? {} : { next_cursor: nextCursor }),
    });
  });
  app.add(EXPORT, async (call) => {
    const query = readQuery(auditExportQuerySchema, call.query);
    const by = call.principal();
    const begin = () => audit.export(query, (read) => authenticator.runHeavyRead(by, read));
    const isRead = call.incoming.method !== 'HEAD';
    const pieces = await (isRead ? audit.around(by, { action: 'audit.export' }, begin) : begin());
    const headers = { 'Content-Disposition': `attachment; filename="audit.${query.format}"` };
    return streamedAnswer(call, { headers, mediaType: MEDIA_TYPES[query.format], pieces });
  });
}

const MEDIA_TYPES = {
  ndjson: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8; header=present',
} as const;

const wireEntry = snakeCaseSchema(auditEntrySchema).openapi('AuditEntry');
const LIST: RestRoute = {
  route: 'GET /admin/audit',
  summary: 'Who did what, newest first',
  request: { query: snakeCaseSchema(auditQuerySchema) },
  responses: {
    200: jsonContent(
      'One page',
      z.object({ entries: z.array(wireEntry), count: z.int(), next_cursor: z.string().optional() }),
    ),
  },
  errors: ['invalid_request'],
};
const EXPORT: RestRoute = {
  route: 'GET /admin/audit/export',
  summary: 'The audit trail as a file, oldest first',
  description:
    'Every entry that matches the filters, up to the time of the request. A file that ends normally is complete. If the ' +
    'trail can no longer be read, the last line reports it and the connection is aborted.',
  request: { query: snakeCaseSchema(auditExportQuerySchema) },
  responses: {
    200: {
      description: 'The file',
      content: { 'application/x-ndjson': { schema: z.string() }, 'text/csv': { schema: z.string() } },
    },
  },
  errors: ['invalid_request', 'unavailable'],
};
