import type { AuditEntry, AuditFilter, AuditPage, AuditQuery } from '@launchlog/shared/audit';
import type { AuditSlice, AuditStore, NewAuditEntry } from '@launchlog/server/audit/audit-store';

/** The trail as an array. */
export class MemoryAuditStore implements AuditStore {
  readonly entries: AuditEntry[] = [];
  /** While it is set every call rejects with it. */
  failure: Error | undefined;

  append(entry: NewAuditEntry): Promise<number> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const id = this.entries.length + 1;
    this.entries.push({ ...entry, id, at: new Date().toISOString() });
    return Promise.resolve(id);
  }

  repeat(id: number, times: number): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const entry = this.entries[id - 1];
    if (entry !== undefined) {
      this.entries[id - 1] = {
        ...entry,
        count: (entry.count ?? 1) + times,
        lastAt: new Date().toISOString(),
      };
    }
    return Promise.resolve();
  }

  list(query: AuditQuery): Promise<AuditPage> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const entries = this.entries
      .toReversed()
      .filter((entry) => matches(query, entry) && entry.id < Number(query.cursor ?? Infinity));
    return Promise.resolve({ entries: entries.slice(0, query.limit) });
  }

  slice(filter: AuditFilter, { afterId, most }: AuditSlice): Promise<AuditEntry[]> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const entries = this.entries.filter((entry) => matches(filter, entry) && entry.id > afterId);
    return Promise.resolve(entries.slice(0, most));
  }

  expire(): Promise<number> {
    return Promise.resolve(0);
  }
}

function matches({ action: actions, until }: AuditFilter, { action, at }: AuditEntry): boolean {
  return (actions?.some((one) => one === action) ?? true) && (until === undefined || at <= until);
}
