import type { AuditEntry, AuditPage, AuditQuery } from '@launchlog/shared/audit';

export type NewAuditEntry = Omit<AuditEntry, 'id' | 'at'>;

/**
 * The trail of what people did. Entries are appended and never changed or deleted: there is no call for it, and the
 * table refuses it.
 *
 * Order: by id, which the database gives; two entries written at once may become visible in either order. Durable as the
 * database is when `append` resolves.
 */
export interface AuditStore {
  append(entry: NewAuditEntry): Promise<void>;
  list(query: AuditQuery): Promise<AuditPage>;
}
