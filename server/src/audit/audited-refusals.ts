import type { Principal } from '../principal.js';
import type { AuditLog } from './audit-log.js';

/** Records what the guard of an operation refuses. No caller waits for it, and it never rejects. */
export function auditedRefusals(audit: Pick<AuditLog, 'record'>) {
  return {
    /** A wrong token: a guess, or one that was revoked. */
    onRefused: (address: string): void => {
      const end = { outcome: 'refused', code: 'invalid_admin_token' } as const;
      void audit.record({ address }, { action: 'token.refused' }, end);
    },
    /** A sign of a stolen token, or of one with too few scopes. `operation` is its name in the access table. */
    onForbidden: (by: Principal, operation: string): void => {
      const end = { outcome: 'refused', code: 'forbidden' } as const;
      void audit.record(by, { action: 'scope.refused', target: operation }, end);
    },
  };
}
