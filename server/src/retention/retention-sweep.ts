import type { Clock } from '../clock.js';
import { SqlStatementError } from '../database/sql-database.js';
import type { Logger } from '../logger.js';
import { WokenLoop } from '../wait/woken-loop.js';

/** Rows that are kept for a limited time. */
export interface KeptRows {
  /** The name of the rows in the server's log: `audit entries`. */
  readonly what: string;
  /** Removes up to `most` rows whose time is over, the oldest first, and resolves to their number. */
  expire(most: number): Promise<number>;
}

interface RetentionSweepOptions {
  readonly kept: readonly KeptRows[];
  readonly clock: Clock;
  readonly logger: Logger;
}

const SWEEP_EVERY_MS = 60 * 60_000;
const RETRY_MS = 60_000;
/** Rows removed by one statement, so that none takes long. */
const ROWS_AT_A_TIME = 200;
/** The pause between two statements, for other users of the database. */
const BREATH_MS = 20;
/** SQLSTATE of a role that may not do something. */
const NOT_ALLOWED = '42501';

/** Removes rows whose time is over, every hour. Any number of servers may do so on one database. See decision 118. */
export class RetentionSweep {
  readonly #options: RetentionSweepOptions;
  readonly #loop: WokenLoop;
  /** Rows that the role of the database may not remove: reported once. */
  readonly #notAllowed = new Set<string>();

  constructor(options: RetentionSweepOptions) {
    const { clock, logger } = options;
    this.#options = options;
    this.#loop = new WokenLoop({
      clock,
      round: (_, stopping) => this.#sweep(stopping),
      pauseMs: (failures) => (failures === 0 ? SWEEP_EVERY_MS : RETRY_MS),
      onFailure: (error, failures) => {
        if (failures === 1) logger.warn({ err: error }, 'old rows could not be removed; it is retried');
      },
      wakesAfterFailure: false,
    });
  }

  /** Idempotent. */
  start(): void {
    this.#loop.start();
  }

  /** Idempotent. */
  stop(): Promise<void> {
    return this.#loop.stop();
  }

  async #sweep(stopping: AbortSignal): Promise<void> {
    const { kept, logger } = this.#options;
    for (const rows of kept) {
      try {
        const removed = await this.#removeAll(rows, stopping);
        if (removed > 0) logger.info({ removed }, `old ${rows.what} were removed`);
      } catch (error) {
        if (!(error instanceof SqlStatementError && error.code === NOT_ALLOWED)) throw error;
        this.#reportOnce(rows.what, error);
      }
    }
  }

  async #removeAll(rows: KeptRows, stopping: AbortSignal): Promise<number> {
    const { clock } = this.#options;
    for (let removed = 0; ;) {
      const gone = await rows.expire(ROWS_AT_A_TIME);
      removed += gone;
      if (gone < ROWS_AT_A_TIME || stopping.aborted) return removed;
      await clock.sleep(BREATH_MS, stopping).catch(() => undefined);
    }
  }

  #reportOnce(what: string, error: SqlStatementError): void {
    if (this.#notAllowed.has(what)) return;
    this.#notAllowed.add(what);
    this.#options.logger.warn(
      { err: error },
      `old ${what} stay: the role in DATABASE_URL may not remove them. Grant it that, or remove them under another role ` +
        '(docs/operations.md, Retention)',
    );
  }
}
