import type { AuditAction, AuditEntry, AuditFilter, AuditPage, AuditQuery } from '@launchlog/shared/audit';

export interface NewAuditEntry extends Omit<AuditEntry, 'id' | 'at' | 'action' | 'count' | 'lastAt'> {
  readonly action: AuditAction;
}

/** Where a walk through the trail continues, and how many entries it takes. */
export interface AuditSlice {
  readonly afterId: number;
  readonly most: number;
}

/**
 * The audit trail. Entries are appended. Only the count and the last time of an entry change, and only upwards; the table
 * refuses every other change. Only `expire` removes entries, and only old ones.
 *
 * Ordered by id, which the database assigns. Concurrent entries may become visible in either order. Once `append` or `repeat`
 * resolves, it is as durable as the database.
 */
export interface AuditStore {
  /** Resolves to the id of the entry. */
  append(entry: NewAuditEntry): Promise<number>;

  /** The same happened `times` times more, the last time now. For entries of the last hour only. */
  repeat(id: number, times: number): Promise<void>;

  /** Newest first. */
  list(query: AuditQuery): Promise<AuditPage>;

  /** Oldest first. */
  slice(filter: AuditFilter, slice: AuditSlice): Promise<AuditEntry[]>;

  /**
   * Removes up to `most` entries that are older than `days`, the oldest first, and resolves to their number. Entries of the
   * last day stay whatever `days` is. Rejects where the role of the database may not do so.
   */
  expire(days: number, most: number): Promise<number>;
}
