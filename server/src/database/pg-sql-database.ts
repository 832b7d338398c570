import pg from 'pg';
import { NodeStoreUnavailableError, SqlStatementError } from './sql-database.js';
import type { SqlDatabase } from './sql-database.js';

const CONNECTIONS = 8;
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 10_000;
/** Added to the statement's own timeout, for a server that does not even report that. */
const ANSWER_GRACE_MS = 2_000;
const IDLE_MS = 30_000;
const KEEP_ALIVE_MS = 10_000;

/** SQLSTATE classes of temporary failures: connection, resources, operator intervention, and timeout of a statement. */
const UNAVAILABLE_CLASSES = new Set(['08', '53', '57', '58']);

/**
 * The settings hold for each statement of one transaction, as a connection of a pooler serves others after it. Compiling a statement
 * to machine code takes longer than any of ours: 1.6 s of 2.5 for a page of 300,000 nodes. Each statement runs in one process, so that a
 * lane takes as many cores as it has connections.
 */
const BEGIN = `begin; set local statement_timeout = ${STATEMENT_TIMEOUT_MS}; set local jit = off;
  set local max_parallel_workers_per_gather = 0`;

/** A PostgreSQL server, directly or behind a pooler of transactions. See decision 150. */
export class PgSqlDatabase implements SqlDatabase {
  readonly #pool: pg.Pool;
  #closed: Promise<void> | undefined;

  constructor({ url, connections = CONNECTIONS }: { readonly url: string; readonly connections?: number }) {
    this.#pool = new pg.Pool({
      connectionString: url,
      max: connections,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      idleTimeoutMillis: IDLE_MS,
      query_timeout: STATEMENT_TIMEOUT_MS + ANSWER_GRACE_MS,
      pipeline: true,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      application_name: 'launchlog',
    });
    // The pool drops a connection that breaks. Without listeners the error would end the process.
    this.#pool.on('error', () => undefined);
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
  }

  async query(text: string, parameters: readonly unknown[]): Promise<unknown[][]> {
    const config = { text, values: [...parameters], rowMode: 'array' as const, types: TYPES };
    const { rows } = await this.#transaction((client) => client.query<unknown[]>(config));
    return rows;
  }

  async script(text: string): Promise<void> {
    // Without parameters the simple protocol is used, which runs several statements.
    await this.#transaction((client) => client.query(text));
  }

  /** Whether a pooler is in between: it announces another process id than that of the server process that answers. */
  async isPooled(): Promise<boolean> {
    const process = await this.#transaction(async (client) => {
      const { rows } = await client.query<[number]>({ text: 'select pg_backend_pid()', rowMode: 'array' });
      return { working: rows[0]?.[0], announced: (client as pg.PoolClient & Announced).processID };
    });
    return process.announced !== null && process.working !== process.announced;
  }

  close(): Promise<void> {
    this.#closed ??= this.#pool.end();
    return this.#closed;
  }

  /** One round trip: what follows is sent before the answer, and a commit after a failure rolls back. */
  async #transaction<Result>(statement: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw translated(error);
    });
    const answers = [client.query(BEGIN), statement(client), client.query('commit')] as const;
    // The answers come in order, so that the first failure is the cause of the others.
    await Promise.allSettled(answers);
    try {
      const [, result] = await Promise.all(answers);
      client.release();
      return result;
    } catch (error) {
      // A connection that failed is discarded. One that answered with an error is reused.
      client.release(!(error instanceof pg.DatabaseError));
      throw translated(error);
    }
  }
}

/** Fields of the driver's connection that its types do not declare. */
interface Announced {
  readonly processID: number | null;
}

const TIMESTAMPTZ = 1184;

const TYPES: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === TIMESTAMPTZ ? (value: string) => value : (pg.types.getTypeParser(oid, format) as unknown),
} as pg.CustomTypesConfig;

function translated(error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof pg.DatabaseError && error.code !== undefined) {
    if (!UNAVAILABLE_CLASSES.has(error.code.slice(0, 2))) {
      return new SqlStatementError(message, error.code, { cause: error });
    }
  }
  // The server has not answered: the connection failed, broke or was too slow.
  return new NodeStoreUnavailableError(`PostgreSQL cannot be reached: ${message}`, { cause: error });
}
