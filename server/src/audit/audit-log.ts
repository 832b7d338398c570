import type { AuditAction, AuditOutcome, AuditPage, AuditQuery } from '@launchlog/shared/audit';
import type { Clock } from '../clock.js';
import { expectedFailure } from '../edge/expected-failure.js';
import type { Logger } from '../logger.js';
import type { Principal } from '../principal.js';
import { answerWithin } from '../wait/answer-within.js';
import type { AuditStore, NewAuditEntry } from './audit-store.js';

interface AuditLogOptions {
  readonly store: AuditStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** An action and its target. */
interface AuditedAction {
  readonly action: AuditAction;
  readonly target?: string | undefined;
}

type AuditSubject = Pick<Principal, 'name' | 'tokenId' | 'address'>;

/** How long a response waits for its entry to be written. */
const WRITE_WITHIN_MS = 1_000;
/** Entries that may wait for a slow database. Further ones go only to the server's log. */
const WRITING_MAX = 1_000;
const TARGET_MAX_CHARACTERS = 200;

/**
 * Writes the audit trail. A failure to write never rejects: the whole entry is logged as an error in the server's log, and
 * the action stands. See decision 55.
 */
export class AuditLog {
  readonly #options: AuditLogOptions;
  #writing = 0;

  constructor(options: AuditLogOptions) {
    this.#options = options;
  }

  /** Does the work and records its outcome before the caller gets it. `targetOf` names what the work created. */
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
