import type { TokenScope } from '@launchlog/shared/access-token';
import type { Session } from '@launchlog/shared/session';
import type { SealedSecrets } from '../../database/secret-box.js';

/**
 * Who is signed in, one row for each session. A session is "standing" until it is ended or its time is over, by the
 * database's clock, which is the same for every server.
 *
 * Every call is one statement, and as durable as the database. Ended sessions are kept until their time is over, so that
 * a copy of their cookie stays useless. Every call rejects with `NodeStoreUnavailableError` if the database is unreachable,
 * and may be repeated.
 */
export interface SessionStore {
  /** Does nothing where the id exists. Of one name only the newest `SESSIONS_OF_NAME_MAX` stand: older ones are ended. */
  add(session: NewSession): Promise<void>;

  /** Undefined if there is no such row; a session that does not stand has `stands: false`. */
  find(id: string): Promise<StoredSession | undefined>;

  /** Those that began, ended or changed since (milliseconds since 1970, by the database's clock), also ended ones. */
  changedSince(sinceMs: number): Promise<StoredSession[]>;

  standing(): Promise<StoredSession[]>;

  /** The newest that stand, newest first; of one name where it is given. */
  list(limit: number, name?: string): Promise<Omit<Session, 'current'>[]>;

  /** Ends a session that stands. Undefined if it does not stand; `name` limits it to that one's own. */
  end(id: string, by: string, name?: string): Promise<Omit<Session, 'current'> | undefined>;

  /**
   * The sessions that stand of a person who signed out at the issuer: those that began with that session there, and where
   * the person is named also those of which no session there is known; all of the person where no session is named.
   */
  ofIssuer(person: {
    readonly subject?: string | undefined;
    readonly sessionId?: string | undefined;
  }): Promise<StoredSession[]>;

  /** Writes down when sessions were last seen (milliseconds since 1970). */
  seen(moments: ReadonlyMap<string, number>): Promise<void>;

  /**
   * Lets one server check a person's rights with the issuer: it may do so until `untilMs`, and no other server meanwhile.
   * Undefined where another one does, or where it is not time.
   */
  claimCheck(id: string, untilMs: number): Promise<SealedSecrets | undefined>;

  /** Stores what a check found. */
  checked(id: string, found: CheckedSession): Promise<void>;

  /** What was sealed with the session, also of one that has ended. */
  sealed(id: string): Promise<SealedSecrets | undefined>;

  /** Deletes the sessions whose time has been over for a day. */
  forgetOld(): Promise<void>;
}

export const SESSIONS_OF_NAME_MAX = 500;

/** What a person may do, as the table of roles gave it. */
export interface SessionRights {
  readonly scopes: readonly TokenScope[];
  readonly deploymentId?: string | undefined;
  readonly tenantId?: string | undefined;
}

export interface NewSession {
  readonly id: string;
  readonly name: string;
  readonly way: 'token' | 'sso' | 'device';
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
  /** Of a person. A session of a token has the rights of its token. */
  readonly rights?: SessionRights | undefined;
  readonly checkAtMs?: number | undefined;
  readonly sealed?: SealedSecrets | undefined;
}

export interface StoredSession {
  readonly id: string;
  readonly name: string;
  readonly way: string;
  readonly stands: boolean;
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
