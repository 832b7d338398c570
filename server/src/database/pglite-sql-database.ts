import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { makeFolder } from '../make-folder.js';
import { PACKAGE_FOLDER } from '../release.js';
import type { Clock } from '../clock.js';
import { answerWithin } from '../wait/answer-within.js';
import { DirectoryLock } from './directory-lock.js';
import { unpackPreparedDatabase } from './pglite-prepared-database.js';
import { NodeStoreUnavailableError, SqlStatementError } from './sql-database.js';
import type { SqlDatabase } from './sql-database.js';

interface PgliteSqlDatabaseOptions {
  /** The folder of the database. It and its parents are created. */
  readonly directory: string;
  readonly clock: Clock;
  /** How long a start waits for another process to release the directory. */
  readonly lockWaitMs: number;
}

/**
 * The most calls that wait for the one connection. Further ones are refused, so that a stuck database costs bounded
 * memory.
 */
const MAX_PENDING_CALLS = 1_000;
/** Rows of one statement: a scan of this many takes about 20 ms on an idle machine. */
const SCAN_ROWS_MAX = 5_000;
/** How long closing may take to write a checkpoint, before the database is ended anyway. */
const CLOSE_TIMEOUT_MS = 5_000;
/** What the worker allocates lives for one call, and the rows of one call are few. */
const YOUNG_MB = 8;
/** The path where the build puts the archive. */
const PREPARED = join(PACKAGE_FOLDER, 'prepared/database.tar.gz');

interface PendingCall {
  readonly resolve: (rows: unknown[][]) => void;
  readonly reject: (error: Error) => void;
}

type WorkerReply = {
  readonly id: number;
  readonly rows?: unknown[][];
  readonly error?: { readonly message: string; readonly code?: string };
};

type WorkerCall =
  | { readonly kind: 'query'; readonly text: string; readonly parameters: readonly unknown[] }
  | { readonly kind: 'script'; readonly text: string }
  | { readonly kind: 'close' };

/** PostgreSQL in a worker thread of this process, on a directory that no other process may open. */
export class PgliteSqlDatabase implements SqlDatabase {
  readonly scanRowsMax = SCAN_ROWS_MAX;
  /** The lock of the directory. */
  readonly isExclusive = true;
  readonly #lock: DirectoryLock;
  readonly #worker: Worker;
  readonly #clock: Clock;
  readonly #pending = new Map<number, PendingCall>();
  #nextId = 1;
  #ended: NodeStoreUnavailableError | undefined;
  #closed: Promise<void> | undefined;

  /** Waits for the lock of the directory. Rejects with an error that names the holder if it is not released in time. */
  static async open(options: PgliteSqlDatabaseOptions): Promise<PgliteSqlDatabase> {
    const { directory, clock, lockWaitMs } = options;
    await makeFolder(directory);
    const lock = await DirectoryLock.acquire({ path: `${directory}.lock`, waitMs: lockWaitMs, clock });
    await prepare(directory, lock);
    const database = new PgliteSqlDatabase(directory, lock, clock);
    try {
      await database.query('select 1', []);
    } catch (error) {
      await database.close();
      throw error;
    }
    return database;
  }

  private constructor(directory: string, lock: DirectoryLock, clock: Clock) {
    this.#lock = lock;
    this.#clock = clock;
    this.#worker = new Worker(new URL('./pglite-worker.js', import.meta.url), {
      workerData: { directory },
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    this.#worker.on('message', (reply: WorkerReply) => this.#settle(reply));
    this.#worker.on('error', (error) => this.#end(error));
    this.#worker.on('exit', () => this.#end(undefined));
  }

  query(text: string, parameters: readonly unknown[]): Promise<unknown[][]> {
    return this.#call({ kind: 'query', text, parameters });
  }

  async script(text: string): Promise<void> {
    await this.#call({ kind: 'script', text });
  }

  close(): Promise<void> {
    this.#closed ??= this.#shutDown();
    return this.#closed;
  }

  async #shutDown(): Promise<void> {
    const closed = this.#call({ kind: 'close' }).catch(() => undefined);
    await answerWithin({ clock: this.#clock, ms: CLOSE_TIMEOUT_MS }, closed, undefined);
    await this.#worker.terminate();
    await this.#lock.release();
  }

  #call(call: WorkerCall): Promise<unknown[][]> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (this.#pending.size >= MAX_PENDING_CALLS) {
      return Promise.reject(new NodeStoreUnavailableError('the embedded database is overloaded'));
    }
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...call });
    });
  }

  #settle(reply: WorkerReply): void {
    const call = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (reply.error === undefined) call?.resolve(reply.rows ?? []);
    else call?.reject(translated(reply.error));
  }

  #end(error: unknown): void {
    this.#ended ??= new NodeStoreUnavailableError('the embedded database has stopped', { cause: error });
    for (const call of this.#pending.values()) call.reject(this.#ended);
    this.#pending.clear();
  }
}

/** Releases the lock if the folder cannot be filled. */
async function prepare(directory: string, lock: DirectoryLock): Promise<void> {
  try {
    await unpackPreparedDatabase(PREPARED, directory);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function translated(error: { readonly message: string; readonly code?: string }): Error {
  return error.code === undefined
    ? new NodeStoreUnavailableError(`the embedded database failed: ${error.message}`)
    : new SqlStatementError(error.message, error.code);
}
