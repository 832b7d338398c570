import type { AuditAction, AuditOutcome, AuditPage, AuditQuery } from '@launchlog/shared/audit';
import type { Clock } from '../clock.js';
import { expectedFailure } from '../edge/expected-failure.js';
import type { Logger } from '../logger.js';
import type { Principal } from '../principal.js';
import { answerWithin } from '../wait/answer-within.js';
import type { AuditStore, NewAuditEntry } from './audit-store.js';

export interface AuditLogOptions {
  readonly store: AuditStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What was done, and to what. */
export interface AuditedAction {
  readonly action: AuditAction;
  readonly target?: string | undefined;
}

export type AuditSubject = Pick<Principal, 'name' | 'tokenId' | 'address'>;

/** An answer waits so long for its entry, and then for no longer. */
const WRITE_WITHIN_MS = 1_000;
/** Entries that wait for a slow database; beyond, they go to the server's own log alone. */
const WRITING_MAX = 1_000;
const TARGET_MAX_CHARACTERS = 200;

/**
 * Writes the trail. Never rejects for the trail's sake: an entry that cannot be written is an error in the server's own
 * log, whole, and what was done stays done.
 */
export class AuditLog {
  readonly #options: AuditLogOptions;
  #writing = 0;

  constructor(options: AuditLogOptions) {
    this.#options = options;
  }

  /** Does the work and records how it ended, before the caller is told. `targetOf` names what the work made. */
  async around<Answer>(
    by: AuditSubject,
    action: AuditedAction & { readonly targetOf?: (answer: Answer) => string },
    work: () => Promise<Answer>,
  ): Promise<Answer> {
    const { targetOf, ...done } = action;
    try {
      const answer = await work();
      await this.record(by, { ...done, ...(targetOf && { target: targetOf(answer) }) }, { outcome: 'ok' });
      return answer;
    } catch (error) {
      await this.record(by, done, endOf(error));
      throw error;
    }
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
      target: target?.slice(0, TARGET_MAX_CHARACTERS),
      code: end.code,
    };
    if (this.#writing >= WRITING_MAX) return this.#lose(entry, 'too many entries wait');
    const limit = { clock: this.#options.clock, ms: WRITE_WITHIN_MS };
    await answerWithin(limit, this.#write(entry), undefined);
  }

  list(query: AuditQuery): Promise<AuditPage> {
    return this.#options.store.list(query);
  }

  async #write(entry: NewAuditEntry): Promise<void> {
    this.#writing += 1;
    try {
      await this.#options.store.append(entry);
    } catch (error) {
      this.#lose(entry, error);
    } finally {
      this.#writing -= 1;
    }
  }

  #lose(entry: NewAuditEntry, error: unknown): void {
    this.#options.logger.error({ err: error, audit: entry }, 'an audit entry could not be written');
  }
}

function endOf(error: unknown): { outcome: AuditOutcome; code: string } {
  const expected = expectedFailure(error);
  if (expected === undefined) return { outcome: 'failed', code: 'internal' };
  return { outcome: expected.status < 500 ? 'refused' : 'failed', code: expected.code };
}
