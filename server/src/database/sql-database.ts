/**
 * A PostgreSQL, wherever it runs.
 *
 * Atomicity: one statement, or one script, is applied whole or not at all; there are no transactions over several
 * calls, so that nobody holds locks while he thinks. Loss: after `NodeStoreUnavailableError` a statement may have been
 * applied. Values: rows are arrays; timestamps come as text, JSON as values, bytes as Uint8Array.
 */
export interface SqlDatabase {
  query(text: string, parameters: readonly unknown[]): Promise<unknown[][]>;

  /** Several statements without parameters, in one transaction. */
  script(text: string): Promise<void>;

  /** Harmless when called twice. */
  close(): Promise<void>;
}

/** SQLSTATE of a row that a unique index refuses. */
export const UNIQUE_VIOLATION = '23505';

/** The database answered, and the answer is an error. */
export class SqlStatementError extends Error {
  /** SQLSTATE, five characters. */
  readonly code: string;

  constructor(message: string, code: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'SqlStatementError';
    this.code = code;
  }
}

/** The registry of nodes cannot be reached; whether it did what was asked is not known. The call may be repeated. */
export class NodeStoreUnavailableError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'NodeStoreUnavailableError';
  }
}
