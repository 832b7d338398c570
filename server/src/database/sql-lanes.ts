import type { SqlDatabase } from './sql-database.js';

/**
 * Three lanes into one database, so that reads cannot delay the renewal of leases, the authentication of callers, or the
 * storing of launches. See decision 114.
 */
export interface SqlLanes {
  /** For leases, launches, tokens, the outbox and everything that is written. */
  readonly own: SqlDatabase;
  /** For short reads on behalf of callers. */
  readonly reads: SqlDatabase;
  /** For reads that may look at the whole fleet or the whole audit trail. */
  readonly scans: SqlDatabase;
  /** Idempotent. */
  close(): Promise<void>;
}
