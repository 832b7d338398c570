import type { TokenScope } from '@launchlog/shared/access-token';
import type { Session } from '@launchlog/shared/session';
import type { SealedSecrets } from '../../database/secret-box.js';

/**
 * The console sessions, one row for each. A session is active until it is ended or its time is over, by the database's clock,
 * which is the same for every server.
 *
 * Every call is one statement, and as durable as the database. Ended sessions are kept until their time is over, so that a
 * copy of their cookie stays useless. Every call rejects with `NodeStoreUnavailableError` if the database is unreachable, and
 * may be repeated.
 */
export interface SessionStore {
  /** Does nothing if the id exists. Only the newest `SESSIONS_OF_NAME_MAX` of one name stay active: older ones are ended. */
  add(session: NewSession): Promise<void>;

  /** Undefined if there is no such row; a session that does not stand has `isActive: false`. */
  find(id: string): Promise<StoredSession | undefined>;

  /** Sessions that began, ended or changed since (milliseconds since 1970, by the database's clock), including ended ones. */
  changedSince(sinceMs: number): Promise<StoredSession[]>;

  listActive(): Promise<StoredSession[]>;

  /** The newest active sessions, newest first; only those of `name` if it is given. */
  list(limit: number, name?: string): Promise<Omit<Session, 'current'>[]>;

  /** Ends an active session. Undefined if it is not active. With `name`, ends only a session of that name. */
  end(id: string, by: string, name?: string): Promise<Omit<Session, 'current'> | undefined>;

  /**
   * The active sessions of a person who signed out at the issuer: those that began with the named session there, and, if the
   * person is named, also those whose session there is unknown. Without a named session, all of the person's.
   */
  ofIssuer(person: {
    readonly subject?: string | undefined;
    readonly sessionId?: string | undefined;
  }): Promise<StoredSession[]>;

  /** Writes down when sessions were last seen (milliseconds since 1970). */
  seen(moments: ReadonlyMap<string, number>): Promise<void>;

  /**
   * Lets one server alone check a person's rights with the issuer, until `untilMs`. Undefined if another server does, or if
   * no check is due.
   */
  claimCheck(id: string, untilMs: number): Promise<SealedSecrets | undefined>;

  /** Stores what a check found. */
  checked(id: string, found: CheckedSession): Promise<void>;

  /** The sealed secrets of the session, even after it has ended. */
  sealed(id: string): Promise<SealedSecrets | undefined>;

  /** Deletes sessions a day after their time is over. */
  forgetOld(): Promise<void>;
}

export const SESSIONS_OF_NAME_MAX = 500;

/** The rights of a person, by the table of roles. */
export interface SessionRights {
  readonly scopes: readonly TokenScope[];
  readonly deploymentId?: string | undefined;
  readonly tenantId?: string | undefined;
}

/** How a session begins. */
export const SESSION_WAYS = ['token', 'sso', 'device'] as const;

export interface NewSession {
  readonly id: string;
  readonly name: string;
  readonly way: (typeof SESSION_WAYS)[number];
  readonly beganAtMs: number;
  readonly endsAtMs: number;
  readonly address?: string | undefined;
  readonly client?: string | undefined;
  /** The named token that was entered. Absent for the admin token and for people. */
  readonly tokenId?: string | undefined;
  /** The issuer's name of the person. */
  readonly subject?: string | undefined;
  /** The session at the issuer with which it began. */
  readonly issuerSession?: string | undefined;
  /** The rights of a person. Absent for a session of a token, which has the rights of its token. */
  readonly rights?: SessionRights | undefined;
  readonly checkAtMs?: number | undefined;
  readonly sealed?: SealedSecrets | undefined;
}

export interface StoredSession {
  readonly id: string;
  readonly name: string;
  readonly way: string;
  readonly isActive: boolean;
  readonly tokenId?: string | undefined;
  readonly subject?: string | undefined;
  readonly scopes?: readonly TokenScope[] | undefined;
  readonly deploymentId?: string | undefined;
  readonly tenantId?: string | undefined;
  readonly beganAtMs: number;
  readonly endsAtMs: number;
  readonly checkAtMs?: number | undefined;
  readonly changedAtMs: number;
}

export interface CheckedSession {
  readonly rights: SessionRights;
  readonly checkAtMs: number | undefined;
  readonly sealed: SealedSecrets | undefined;
}
