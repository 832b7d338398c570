import type { AuditAction, AuditEntry, AuditPage, AuditQuery } from '@launchlog/shared/audit';

export interface NewAuditEntry extends Omit<AuditEntry, 'id' | 'at' | 'action'> {
  readonly action: AuditAction;
}

/**
 * The audit trail. Entries are appended, and never changed or deleted: no method does so, and the table refuses it.
 *
 * Ordered by id, which the database assigns. Concurrent entries may become visible in either order. Once `append`
 * resolves, the entry is as durable as the database.
 */
export interface AuditStore {
  append(entry: NewAuditEntry): Promise<void>;
  list(query: AuditQuery): Promise<AuditPage>;
}
