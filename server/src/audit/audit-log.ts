import type {
  AuditAction,
  AuditEntry,
  AuditExportQuery,
  AuditFilter,
  AuditOutcome,
  AuditPage,
  AuditQuery,
} from '@launchlog/shared/audit';
import type { Clock } from '../clock.js';
import { expectedFailure } from '../edge/expected-failure.js';
import type { Logger } from '../logger.js';
import type { Principal } from '../principal.js';
import { answerWithin } from '../wait/answer-within.js';
import { exportAudit } from './audit-export.js';
import type { AuditStore, NewAuditEntry } from './audit-store.js';
import { AuditWindows, type AuditWindow } from './audit-windows.js';

interface AuditLogOptions {
  readonly store: AuditStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** An action and its target: an id, or what `NAMED` allows. Anything else was typed by the caller, and is left out. */
interface AuditedAction {
  readonly action: AuditAction;
  readonly target?: string | undefined;
}

type AuditSubject = Pick<Principal, 'name' | 'tokenId' | 'address'>;

/** How long a response waits for its entry to be written. */
const WRITE_WITHIN_MS = 1_000;
/** Entries that may wait for a slow database. Further ones go only to the server's log. */
const WRITING_MAX = 1_000;
/** Repetitions of an entry are added to its row this often. */
const REPEAT_MS = 1_000;
/** How long a server that stops waits for the last repetitions to be written. */
const CLOSE_WITHIN_MS = 2_000;
/**
 * Actions whose targets are not typed by the caller: an operation, a row of the table of roles with the claim that matched
 * it, and a cluster that was found.
 */
const NAMED: ReadonlySet<AuditAction> = new Set(['scope.refused', 'session.role', 'stray.terminate']);
const TARGET_MAX_CHARACTERS = 500;
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Writes the audit trail. A failure to write never rejects: the entry then goes to the server's log as an error, and the
 * action is not undone. See decision 55. Repetitions by the same caller are counted in one row: see decision 118.
 */
export class AuditLog {
  readonly #options: AuditLogOptions;
  readonly #windows: AuditWindows;
  readonly #closing = new AbortController();
  readonly #flushes = new Set<Promise<void>>();
  #writing = 0;

  constructor(options: AuditLogOptions) {
    this.#options = options;
    this.#windows = new AuditWindows(options.clock);
  }

  /**
   * Does the work and records its outcome before it returns the result. `targetOf` names what the work created. The work
   * calls `found` with the id of what the caller meant, once it is known.
   */
  async around<Answer>(
    by: AuditSubject,
    action: AuditedAction & { readonly targetOf?: (answer: Answer) => string },
    work: (found: (id: string) => void) => Promise<Answer>,
  ): Promise<Answer> {
    const { targetOf, ...done } = action;
    let { target } = done;
    let answer: Answer;
    try {
      answer = await work((id) => (target = id));
    } catch (error) {
      await this.record(by, { ...done, target }, endOf(error));
      throw error;
    }
    await this.record(by, { ...done, target: targetOf?.(answer) ?? target }, { outcome: 'ok' });
    return answer;
  }

  async record(
    by: AuditSubject | { readonly address: string },
    { action, target }: AuditedAction,
    end: { readonly outcome: AuditOutcome; readonly code?: string | undefined },
  ): Promise<void> {
    const entry: NewAuditEntry = {
      action,
      outcome: end.outcome,
      ...('name' in by ? { actor: by.name, tokenId: by.tokenId } : {}),
      address: by.address ?? 'unknown',
      target:
        NAMED.has(action) || ID.test(target ?? '') ? target?.slice(0, TARGET_MAX_CHARACTERS) : undefined,
      code: end.code,
    };
    const { window, isNew } = this.#windows.find(entry);
    if (!isNew) return this.#repeat(window);
    window.written = this.#write(window.entry);
    const limit = { clock: this.#options.clock, ms: WRITE_WITHIN_MS };
    await answerWithin(limit, window.written, undefined);
  }

  list(query: AuditQuery): Promise<AuditPage> {
    return this.#options.store.list(query);
  }

  /**
   * The entries that match, up to now, as pieces of a file. `each` wraps the reading of one slice. Throws before the first piece
   * if the trail cannot be read.
   */
  export(
    { format, ...filter }: AuditExportQuery,
    each: (read: () => Promise<AuditEntry[]>) => Promise<AuditEntry[]>,
  ): Promise<AsyncGenerator<string, void>> {
    const until = filter.until ?? new Date(this.#options.clock.now()).toISOString();
    const bounded: AuditFilter = { ...filter, until };
    return exportAudit(format, (slice) => each(() => this.#options.store.slice(bounded, slice)));
  }

  /** Removes up to `most` entries that are older than `days`, and resolves to their number. */
  expire(days: number, most: number): Promise<number> {
    return this.#options.store.expire(days, most);
  }

  /** Writes the repetitions that are not written yet. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort();
    const limit = { clock: this.#options.clock, ms: CLOSE_WITHIN_MS };
    await answerWithin(limit, Promise.all(this.#flushes), undefined);
  }

  /** Resolves to undefined where the entry was lost. */
  async #write(entry: NewAuditEntry): Promise<number | undefined> {
    if (this.#writing >= WRITING_MAX) return this.#lose(entry, 'too many entries wait');
    this.#writing += 1;
    try {
      return await this.#options.store.append(entry);
    } catch (error) {
      return this.#lose(entry, error);
    } finally {
      this.#writing -= 1;
    }
  }

  #repeat(window: AuditWindow): void {
    window.waiting += 1;
    if (window.isFlushing) return;
    window.isFlushing = true;
    const flush = this.#flush(window).finally(() => this.#flushes.delete(flush));
    this.#flushes.add(flush);
  }

  async #flush(window: AuditWindow): Promise<void> {
    const { clock, store } = this.#options;
    const id = await window.written;
    while (window.waiting > 0) {
      await clock.sleep(REPEAT_MS, this.#closing.signal).catch(() => undefined);
      const count = window.waiting;
      window.waiting = 0;
      try {
        if (id === undefined) throw new Error('the row that counts them was not written');
        await store.repeat(id, count);
      } catch (error) {
        this.#lose({ ...window.entry, count }, error);
      }
    }
    window.isFlushing = false;
  }

  #lose(entry: NewAuditEntry & { readonly count?: number }, error: unknown): undefined {
    this.#options.logger.error({ err: error, audit: entry }, 'an audit entry could not be written');
  }
}

function endOf(error: unknown): { outcome: AuditOutcome; code: string } {
  const expected = expectedFailure(error);
  if (expected === undefined) return { outcome: 'failed', code: 'internal' };
  return { outcome: expected.status < 500 ? 'refused' : 'failed', code: expected.code };
}
