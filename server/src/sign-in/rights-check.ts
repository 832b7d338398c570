import type { AuditLog } from '../audit/audit-log.js';
import type { SessionRegistry } from '../auth/session/session-registry.js';
import type { SessionStore, StoredSession } from '../auth/session/session-store.js';
import type { Clock } from '../clock.js';
import type { SecretBox, SealedSecrets } from '../database/secret-box.js';
import type { Issuer } from './issuer.js';
import { IssuerError } from './issuer.js';
import { NoRoleError } from './person-sign-in.js';
import type { PersonSignIn } from './person-sign-in.js';

interface RightsCheckOptions {
  readonly issuer: Pick<Issuer, 'refresh'>;
  readonly people: Pick<PersonSignIn, 'recheck'>;
  readonly registry: Pick<SessionRegistry, 'known' | 'lastSeen' | 'end'>;
  readonly store: Pick<SessionStore, 'claimCheck' | 'checked'>;
  readonly secretBox: Pick<SecretBox, 'open'>;
  readonly audit: Pick<AuditLog, 'record'>;
  readonly clock: Clock;
  /** A session without a request for this long is checked at its next one: nothing of it is open any more. */
  readonly idleAfterMs: number;
  readonly onProblem: (problem: string, error: unknown) => void;
}

const LOOK_EVERY_MS = 1_000;
/** Checks that run at once in this process. */
const RUNNING_MAX = 8;
/** The pause after a failed check, and while another server checks. */
const AGAIN_AFTER_MS = 60_000;

/**
 * Checks the rights of people with the issuer, while their sessions are in use. A person who lost their role, or whom the
 * issuer ended, is signed out. While the issuer is away, sessions continue until their time is over.
 */
export class RightsCheck {
  readonly #options: RightsCheckOptions;
  readonly #running = new Set<string>();
  readonly #tried = new Map<string, number>();
  #stop = (): void => {};
  #awayReported = false;

  constructor(options: RightsCheckOptions) {
    this.#options = options;
  }

  start(): void {
    this.#stop = this.#options.clock.every(LOOK_EVERY_MS, () => this.look());
  }

  /** Idempotent. */
  close(): void {
    this.#stop();
  }

  /** Begins the checks that are due. */
  look(): void {
    const { registry, clock, idleAfterMs } = this.#options;
    const nowMs = clock.now();
    for (const session of registry.known.values()) {
      if (this.#running.size >= RUNNING_MAX) return;
      const { id, checkAtMs = Number.POSITIVE_INFINITY } = session;
      const isIdle = nowMs - (registry.lastSeen(id) ?? 0) > idleAfterMs;
      const wasTried = nowMs - (this.#tried.get(id) ?? 0) < AGAIN_AFTER_MS;
      if (checkAtMs > nowMs || isIdle || wasTried || this.#running.has(id)) continue;
      this.#running.add(id);
      this.#tried.set(id, nowMs);
      void this.#check(session).finally(() => this.#running.delete(id));
    }
    for (const id of this.#tried.keys()) if (!registry.known.has(id)) this.#tried.delete(id);
  }

  async #check(session: StoredSession): Promise<void> {
    const { store, clock, onProblem } = this.#options;
    try {
      const sealed = await store.claimCheck(session.id, clock.now() + AGAIN_AFTER_MS);
      if (sealed === undefined) return;
      await this.#ask(session, sealed);
      this.#tried.delete(session.id);
      this.#awayReported = false;
    } catch (error) {
      const isFinal =
        error instanceof NoRoleError || (error instanceof IssuerError && error.kind === 'refused');
      if (isFinal) return this.#signOut(session, error);
      if (!this.#awayReported)
        onProblem('the rights of people cannot be checked now; their sessions continue', error);
      this.#awayReported = true;
    }
  }

  async #ask(session: StoredSession, sealed: SealedSecrets): Promise<void> {
    const { issuer, people, store, secretBox } = this.#options;
    const { id, subject = '' } = session;
    const { refreshToken } = secretBox.open(id, sealed);
    if (refreshToken === undefined) return;
    const tokens = await issuer.refresh(refreshToken, subject);
    await store.checked(id, await people.recheck(session, tokens));
  }

  async #signOut({ id, name }: StoredSession, reason: Error): Promise<void> {
    const { registry, audit, onProblem } = this.#options;
    const code = reason instanceof NoRoleError ? 'no_role' : 'issuer_refused';
    await audit.record({ name }, { action: 'session.end', target: id }, { outcome: 'ok', code });
    await registry
      .end(id, 'issuer')
      .catch((error: unknown) => onProblem('a session could not be ended', error));
  }
}
