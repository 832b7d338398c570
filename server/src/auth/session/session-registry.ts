import { LaunchlogError } from '@launchlog/shared/error-code';
import type { Clock } from '../../clock.js';
import type { ReadPace } from '../read-pace.js';
import { OpenSessions } from './open-sessions.js';
import type { NewSession, SessionStore, StoredSession } from './session-store.js';

/** The end of a session on another server is noticed within this and one query. */
const POLL_MS = 1_000;
/** How often all active sessions are read again, in case a change was missed. */
const RELOAD_MS = 300_000;
/** Changes that became visible late are looked for again. */
const OVERLAP_MS = 10_000;
/** If the table could not be read for this long, sessions may have ended: all are refused until it can be read. */
const STALE_MAX_MS = 60_000;
const SEEN_EVERY_MS = 60_000;
const FORGET_EVERY_MS = 3_600_000;
const RETRY_AFTER_SECONDS = 5;

interface SessionRegistryOptions {
  readonly store: Omit<SessionStore, 'list' | 'claimCheck' | 'checked' | 'sealed'>;
  readonly clock: Clock;
  readonly onProblem: (problem: string, error: unknown) => void;
  /** Whether the token behind a session gives it no rights any more. */
  readonly isTokenGone?: (session: StoredSession) => boolean;
  readonly pace?: ReadPace;
}

/**
 * All active sessions, in memory. Requests do not wait for the database, and everything that a session has open ends when the
 * session ends, on whichever server that happens. See decision 165.
 */
export class SessionRegistry {
  readonly #options: SessionRegistryOptions;
  readonly #open = new OpenSessions();
  readonly #active = new Map<string, StoredSession>();
  /** Ends that are not yet in the database: the session, and who ended it. */
  readonly #unsaved = new Map<string, string>();
  readonly #seen = new Map<string, number>();
  /** Sessions seen since this was last written down. */
  readonly #unwritten = new Set<string>();
  readonly #stops: (() => void)[] = [];
  #refreshing: Promise<void> | undefined;
  #newestMs = 0;
  #readMs: number;
  #reloadMs = Number.NEGATIVE_INFINITY;
  #problemReported = false;

  constructor(options: SessionRegistryOptions) {
    this.#options = options;
    this.#readMs = options.clock.monotonic();
  }

  /** Resolves after the first refresh. */
  async start(): Promise<void> {
    const { clock, store } = this.#options;
    this.#stops.push(
      clock.every(POLL_MS, () => void this.refresh()),
      clock.every(SEEN_EVERY_MS, () => void this.#writeSeen()),
      clock.every(FORGET_EVERY_MS, () => void store.forgetOld().catch(() => {})),
    );
    await this.refresh();
  }

  /** Writes down when sessions were last seen. Idempotent. */
  async close(): Promise<void> {
    for (const stop of this.#stops.splice(0)) stop();
    await this.#writeSeen();
  }

  /**
   * The session if it is active. One without a row is stored as `adopted`, if that is given. Rejects with `unavailable` while
   * the database does not answer and the session is not known.
   */
  async find(id: string, adopted?: NewSession): Promise<StoredSession | undefined> {
    const found = await this.look(id, adopted);
    return found === 'ended' ? undefined : found;
  }

  /** As `find`, but distinguishes a session that has ended from one that has no row, such as those of 0.1.0. */
  async look(id: string, adopted?: NewSession): Promise<StoredSession | 'ended' | undefined> {
    if (this.#open.hasEnded(id)) return 'ended';
    const known = this.#active.get(id);
    if (known !== undefined) {
      if (this.#isStale()) throw unavailable(undefined);
      return this.#use(known);
    }
    const found = await this.#read(id, adopted).catch((cause: unknown) => {
      throw unavailable(cause);
    });
    if (found === undefined) return undefined;
    this.#learn(found);
    return found.isActive && !this.#open.hasEnded(id) ? this.#use(found) : 'ended';
  }

  /** The active sessions that this process knows, and when each was last seen here (milliseconds since 1970). */
  get known(): ReadonlyMap<string, StoredSession> {
    return this.#active;
  }

  lastSeen(id: string): number | undefined {
    return this.#seen.get(id);
  }

  /** Stores a new session. */
  async begin(session: NewSession): Promise<void> {
    await this.#options.store.add(session);
    const { rights, ...fields } = session;
    this.#learn({ ...fields, ...rights, isActive: true, changedAtMs: session.beganAtMs });
  }

  /** A signal that aborts when the session ends or `basis` does. Throws if the session has ended. */
  revoked(id: string, basis?: AbortSignal): AbortSignal {
    if (this.#open.hasEnded(id)) throw new LaunchlogError('missing_admin_token', 'signed out');
    return this.#open.revoked(id, basis);
  }

  /** Ends everything it has open here, at once. */
  drop(id: string): void {
    this.#active.delete(id);
    this.#seen.delete(id);
    this.#open.end(id);
  }

  /** Ends it here at once, and on the other servers as soon as the database can be written. */
  async end(id: string, by: string): Promise<void> {
    this.drop(id);
    this.#unsaved.set(id, by);
    await this.#writeEnds();
  }

  refresh(): Promise<void> {
    this.#dropOver();
    if (this.#options.pace?.isDue !== false) {
      this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = undefined));
    }
    return this.#refreshing ?? Promise.resolve();
  }

  async #refresh(): Promise<void> {
    const { clock, store, onProblem, pace } = this.#options;
    const succeeded = pace?.begin();
    const beganMs = clock.monotonic();
    const isWhole = beganMs - this.#reloadMs >= RELOAD_MS;
    const before = new Set(this.#active.keys());
    try {
      await this.#writeEnds();
      const rows = isWhole ? await store.listActive() : await store.changedSince(this.#newestMs - OVERLAP_MS);
      for (const row of rows) this.#learn(row);
      if (isWhole) {
        const ids = new Set(rows.map(({ id }) => id));
        for (const id of before) if (!ids.has(id)) this.drop(id);
        this.#reloadMs = beganMs;
      }
      this.#readMs = beganMs;
      succeeded?.();
      this.#problemReported = false;
    } catch (error) {
      if (!this.#problemReported) onProblem('the sessions cannot be read', error);
      this.#problemReported = true;
    }
  }

  async #read(id: string, adopted: NewSession | undefined): Promise<StoredSession | undefined> {
    const { store } = this.#options;
    const found = await store.find(id);
    if (found !== undefined || adopted === undefined) return found;
    await store.add(adopted);
    return store.find(id);
  }

  #learn(session: StoredSession): void {
    this.#newestMs = Math.max(this.#newestMs, session.changedAtMs);
    const known = this.#active.get(session.id);
    if (!session.isActive) this.drop(session.id);
    else if (!this.#open.hasEnded(session.id)) {
      this.#active.set(session.id, session);
      /** Ends what was opened with the former rights; its clients reconnect. */
      if (known !== undefined && !haveSameRights(known, session)) this.#open.interrupt(session.id);
    }
  }

  #use(session: StoredSession): StoredSession {
    this.#seen.set(session.id, this.#options.clock.now());
    this.#unwritten.add(session.id);
    return session;
  }

  #dropOver(): void {
    const { clock, isTokenGone = () => false } = this.#options;
    const nowMs = clock.now();
    for (const session of this.#active.values()) {
      if (session.endsAtMs <= nowMs || isTokenGone(session)) this.drop(session.id);
    }
  }

  async #writeEnds(): Promise<void> {
    for (const [id, by] of this.#unsaved) {
      await this.#options.store.end(id, by);
      this.#unsaved.delete(id);
    }
  }

  async #writeSeen(): Promise<void> {
    const seen = new Map([...this.#unwritten].flatMap((id) => [[id, this.#seen.get(id) ?? 0] as const]));
    this.#unwritten.clear();
    if (seen.size === 0) return;
    await this.#options.store.seen(seen).catch(() => {});
  }

  #isStale(): boolean {
    return this.#options.clock.monotonic() - this.#readMs > STALE_MAX_MS;
  }
}

function haveSameRights(one: StoredSession, other: StoredSession): boolean {
  const rightsOf = ({ scopes, deploymentId, tenantId }: StoredSession) =>
    JSON.stringify([scopes, deploymentId, tenantId]);
  return rightsOf(one) === rightsOf(other);
}

function unavailable(cause: unknown): LaunchlogError {
  return new LaunchlogError('unavailable', 'the sessions cannot be read now', {
    cause,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}
