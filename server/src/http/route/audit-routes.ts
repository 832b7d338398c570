import { z } from '@hono/zod-openapi';
import { auditEntrySchema, auditQuerySchema } from '@launchlog/shared/audit';
import { snakeCaseKeys } from '@launchlog/shared/wire-case';
import type { AuditLog } from '../../audit/audit-log.js';
import { readQuery } from '../query-params.js';
import type { RestApp, RestRoute } from '../rest-app.js';
import { jsonContent, snakeCaseSchema } from '../wire-schema.js';

interface AuditRouteOptions {
  readonly audit: Pick<AuditLog, 'list'>;
}

/** Lists the audit trail, for administrators. */
export function addAuditRoutes(app: RestApp, { audit }: AuditRouteOptions): void {
  app.add(LIST, async (call) => {
    const { entries, nextCursor } = await audit.list(readQuery(auditQuerySchema, call.query));
    return call.context.json({
      entries: entries.map(snakeCaseKeys),
      count: entries.length,
      ...(nextCursor === undefined ? {} : { next_cursor: nextCursor }),
    });
  });
}

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
