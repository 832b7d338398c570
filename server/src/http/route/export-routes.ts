import { z } from '@hono/zod-openapi';
import type { Gap } from '@launchlog/shared/event';
import { logExportQuerySchema } from '@launchlog/shared/log-export';
import type { AuditLog } from '../../audit/audit-log.js';
import type { Clock } from '../../clock.js';
import { EXPORT_WRITERS } from '../../export/export-format.js';
import { exportLog } from '../../export/log-export.js';
import type { AuthorizedLaunches } from '../../launch/authorized-launches.js';
import type { NodeLogStore } from '../../log/log-store.js';
import { gzippedPieces } from '../gzipped-pieces.js';
import { readQuery } from '../query-params.js';
import type { RestApp, RestCall, RestRoute } from '../rest-app.js';
import { streamedAnswer } from '../streamed-answer.js';
import { snakeCaseSchema } from '../wire-schema.js';

interface ExportRouteOptions {
  readonly launches: Pick<AuthorizedLaunches, 'get'>;
  readonly audit: Pick<AuditLog, 'around'>;
  readonly logs: NodeLogStore;
  readonly clock: Clock;
}

export function addExportRoutes(app: RestApp, options: ExportRouteOptions): void {
  const { launches, logs, audit, clock } = options;
  app.add(EXPORT, async (call) => {
    const query = readQuery(logExportQuerySchema, call.query);
    const node = await launches.get(call.principal(), call.param('id'));
    const begin = () => exportLog({ store: logs, clock, nodeId: node.id, query });
    const { gap, pieces } = await audited(audit, call, { nodeId: node.id, work: begin });
    const { mediaType, extension } = EXPORT_WRITERS[query.format];
    const name = `${node.clusterName}.${extension}${query.gzip ? '.gz' : ''}`;
    const headers = { 'Content-Disposition': `attachment; filename="${name}"`, ...gapHeader(gap) };
    return query.gzip
      ? streamedAnswer(call, { headers, mediaType: 'application/gzip', bytes: gzippedPieces(pieces) })
      : streamedAnswer(call, { headers, mediaType, pieces });
  });
}

/** Records a downloaded file in the audit trail. A HEAD request downloads nothing. */
export function audited<Answer>(
  audit: Pick<AuditLog, 'around'>,
  call: RestCall,
  { nodeId, work }: { readonly nodeId: string; readonly work: () => Promise<Answer> },
): Promise<Answer> {
  if (call.incoming.method === 'HEAD') return work();
  return audit.around(call.principal(), { action: 'log.export', target: nodeId }, work);
}

/** A file has no field for a gap. */
export function gapHeader(gap: Gap | undefined): Record<string, string> {
  return gap === undefined ? {} : { 'X-Log-Gap': `${gap.from_seq}-${gap.to_seq}; reason=${gap.reason}` };
}

const EXPORT: RestRoute = {
  route: 'GET /admin/nodes/{id}/logs/export',
  summary: 'The log of a node as a file',
  description:
    'Every stored entry that matches the filters, up to the last one at the time of the request. A file that ends ' +
    'normally is complete. If the log is cleared or lost meanwhile, the last line reports it and the connection is aborted.',
  request: {
    params: z.object({ id: z.string().openapi({ description: 'Node id or cluster name' }) }),
    query: snakeCaseSchema(logExportQuerySchema),
  },
  responses: {
    200: {
      description: 'The file; `X-Log-Gap` names the entries that are no longer stored',
      content: {
        'text/csv': { schema: z.string() },
        'application/json': { schema: z.array(z.unknown()) },
        'application/x-ndjson': { schema: z.string() },
        'text/plain': { schema: z.string() },
        'application/gzip': { schema: z.string() },
      },
    },
  },
  errors: ['invalid_request', 'node_not_found', 'unavailable'],
};
