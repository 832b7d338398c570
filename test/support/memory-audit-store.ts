import type { AuditEntry, AuditPage, AuditQuery } from '@launchlog/shared/audit';
import type { AuditStore, NewAuditEntry } from '@launchlog/server/audit/audit-store';

/** The trail as an array. */
export class MemoryAuditStore implements AuditStore {
  readonly entries: AuditEntry[] = [];
  /** While it is set every call rejects with it. */
  failure: Error | undefined;

  append(entry: NewAuditEntry): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    this.entries.push({ ...entry, id: this.entries.length + 1, at: new Date().toISOString() });
    return Promise.resolve();
  }

  list(query: AuditQuery): Promise<AuditPage> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const entries = this.entries
      .toReversed()
      .filter(
        ({ action, id }) =>
          (query.action?.some((one) => one === action) ?? true) && id < Number(query.cursor ?? Infinity),
      );
    return Promise.resolve({ entries: entries.slice(0, query.limit) });
  }
}
