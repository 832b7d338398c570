import type { UnknownWords } from './unknown-words.js';

/**
 * A PostgreSQL, as a server or embedded.
 *
 * Atomicity: a statement or a script is applied as a whole or not at all. No transaction spans several calls, so no locks are
 * held between them. Loss: after `NodeStoreUnavailableError` a statement may have been applied. Values: rows are arrays;
 * timestamps are text, JSON is parsed, bytes are Uint8Array.
 */
export interface SqlDatabase {
  query(text: string, parameters: readonly unknown[]): Promise<unknown[][]>;

  /**
   * Rows that one statement should look at, because every other call waits until it has ended. Undefined where statements run
   * beside each other.
   */
  readonly scanRowsMax?: number | undefined;

  /** Whether no other process can change it. */
  readonly isExclusive?: boolean | undefined;

  /** Where words of rows are reported that this release does not know. */
  readonly words?: UnknownWords | undefined;

  /** Runs several statements without parameters in one transaction. */
  script(text: string): Promise<void>;

  /** Whether a pooler such as pgbouncer is in between. Absent if nothing can be in between. */
  isPooled?(): Promise<boolean>;

  /** Idempotent. */
  close(): Promise<void>;
}

/** The SQLSTATE of a row that violates a unique index. */
export const UNIQUE_VIOLATION = '23505';

/** The database answered with an error. */
export class SqlStatementError extends Error {
  /** The SQLSTATE: five characters. */
  readonly code: string;

  constructor(message: string, code: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'SqlStatementError';
    this.code = code;
  }
}

/** The registry of nodes is unavailable. The call may or may not have had its effect, and may be repeated. */
export class NodeStoreUnavailableError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'NodeStoreUnavailableError';
  }
}
