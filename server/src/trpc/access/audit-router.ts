import { auditQuerySchema } from '@launchlog/shared/audit';
import type { AuditLog } from '../../audit/audit-log.js';
import { procedureFor, router } from '../procedure.js';

export interface AuditRouterServices {
  readonly audit: Pick<AuditLog, 'list'>;
}

export function createAuditRouter({ audit }: AuditRouterServices) {
  return router({
    list: procedureFor('audit.list')
      .input(auditQuerySchema.default({ limit: 100 }))
      .query(({ input }) => audit.list(input)),
  });
}
