import { z } from 'zod';
import { LaunchlogError } from '@launchlog/shared/error-code';
import type { Clock } from '../../clock.js';
import { heldScopes } from '../../principal.js';
import type { Principal } from '../../principal.js';
import { ClaimSigner } from '../claim-signer.js';
import { SessionCookie } from './session-cookie.js';
import type { SessionRegistry } from './session-registry.js';
import type { NewSession, SessionRights, StoredSession } from './session-store.js';

interface ConsoleSessionOptions {
  readonly secret: string;
  readonly clock: Clock;
  readonly lastsMs: number;
  /** The browser then sends the cookie only over TLS. */
  readonly secure: boolean;
  /** The browser sends the cookie below this path: `/`, or the path of `PUBLIC_URL`. */
  readonly path: string;
  readonly newId: () => string;
  readonly registry: Pick<SessionRegistry, 'find' | 'look' | 'begin' | 'end' | 'revoked'>;
}

/** Where a sign-in comes from. */
export interface SignInSource {
  readonly address?: string | undefined;
  /** The `User-Agent` header. */
  readonly client?: string | undefined;
}

/** A person whom the issuer vouches for. */
export interface SignedInPerson {
  readonly name: string;
  readonly subject: string;
  /** The session at the issuer, where it names one. */
  readonly issuerSession?: string | undefined;
  readonly rights: SessionRights;
  readonly endsAtMs: number;
  /** When to ask the issuer again whether the rights stand. */
  readonly checkAtMs?: number | undefined;
  /** Seals what a later check needs, for the id of the session. */
  readonly seal: (sessionId: string) => NewSession['sealed'];
}

const claimsSchema = z.object({
  id: z.string(),
  actor: z.string(),
  token: z.uuid().optional(),
  /** 1 for a person, whose rights are in the row: without a row there are none. */
  person: z.literal(1).optional(),
  issuedAt: z.number(),
});
type SessionClaims = z.output<typeof claimsSchema>;

const CLIENT_MAX_CHARACTERS = 200;

/**
 * Signs the console's users in with a cookie that no script can read. Every server with the same secret accepts it;
 * changing the admin token ends every session. Each session has a row, by which it is listed and ended on all servers.
 */
export class ConsoleSessions {
  /** For a cookie whose name has a prefix. */
  readonly #signer: ClaimSigner;
  /** For a cookie without one, which other hosts of the same domain can set. */
  readonly #plainSigner: ClaimSigner;
  /** Servers of 0.1.0 would take a person for the holder of the admin token: they must not know the signature. */
  readonly #personSigner: ClaimSigner;
  readonly #plainPersonSigner: ClaimSigner;
  readonly #options: ConsoleSessionOptions;
  readonly #cookie: SessionCookie;

  constructor(options: ConsoleSessionOptions) {
    const { secret } = options;
    this.#signer = new ClaimSigner(secret, 'console session v2');
    this.#plainSigner = new ClaimSigner(secret, 'console session v1');
    this.#personSigner = new ClaimSigner(secret, 'console session of a person');
    this.#plainPersonSigner = new ClaimSigner(secret, 'console session of a person, plain');
    this.#options = options;
    this.#cookie = new SessionCookie(options);
  }

  /** Returns the value of a Set-Cookie header, and when the session ends (milliseconds since 1970). */
  async begin(
    principal: Principal,
    source: SignInSource = {},
  ): Promise<{ readonly cookie: string; readonly endsAt: number }> {
    const { clock, lastsMs, newId, registry } = this.#options;
    const issuedAt = clock.now();
    const { name: actor, tokenId } = principal;
    const claims = { id: newId(), actor, ...(tokenId === undefined ? {} : { token: tokenId }), issuedAt };
    // A session without a row gets one when the database can be written again: see `SessionRegistry.find`.
    await registry.begin({ ...this.#rowOf(claims), ...sourceOf(source) }).catch(() => {});
    const signer = this.#cookie.isPrefixed ? this.#signer : this.#plainSigner;
    return { cookie: this.#set(signer.sign(claims), lastsMs), endsAt: issuedAt + lastsMs };
  }

  /** Rejects where the database cannot be written. */
  async beginPerson(person: SignedInPerson, source: SignInSource): Promise<{ readonly cookie: string }> {
    const { clock, newId, registry } = this.#options;
    const [id, issuedAt] = [newId(), clock.now()];
    const { name } = person;
    await registry.begin(personRow({ id, way: 'sso', beganAtMs: issuedAt }, person, source));
    const signer = this.#cookie.isPrefixed ? this.#personSigner : this.#plainPersonSigner;
    const value = signer.sign({ id, actor: name, person: 1, issuedAt });
    return { cookie: this.#set(value, person.endsAtMs - issuedAt) };
  }

  /** Ends everything the session has open, here at once. Returns the values of Set-Cookie headers that remove the cookie. */
  async end(cookieHeader: string | undefined): Promise<string[]> {
    const claims = this.#claims(cookieHeader);
    if (claims !== undefined) await this.#options.registry.end(claims.id, claims.actor).catch(() => {});
    return this.#cookie.remove();
  }

  /**
   * Undefined if the Cookie header holds no valid session. The session of a named token has no scopes by itself:
   * `Authenticator` looks up what the token may do now. Rejects while the database does not answer and the session is not
   * known here.
   */
  async read(cookieHeader: string | undefined): Promise<ReadSession | undefined> {
    const claims = this.#claims(cookieHeader);
    if (claims === undefined) return undefined;
    const { registry } = this.#options;
    const adopted = claims.person === undefined ? this.#rowOf(claims) : undefined;
    const session = await registry.find(claims.id, adopted);
    return session && { principal: principalOf(session, 'console_session'), session };
  }

  /** The holder of a session by its id; undefined for one of 0.1.0 that has no row yet. Throws if it has ended. */
  async find(sessionId: string): Promise<Principal | undefined> {
    const session = await this.#options.registry.look(sessionId);
    if (session === 'ended') throw new LaunchlogError('missing_admin_token', 'signed out');
    return session && principalOf(session, 'console_session');
  }

  /** A signal that aborts when the session ends or its named token is revoked. Throws if the session has ended. */
  revoked(sessionId: string, ofToken?: AbortSignal): AbortSignal {
    return this.#options.registry.revoked(sessionId, ofToken);
  }

  #rowOf({ id, actor, token, issuedAt }: SessionClaims): NewSession {
    const endsAtMs = issuedAt + this.#options.lastsMs;
    return { id, name: actor, way: 'token', tokenId: token, beganAtMs: issuedAt, endsAtMs };
  }

  #claims(cookieHeader: string | undefined): SessionClaims | undefined {
    const cookie = this.#cookie.read(cookieHeader);
    if (cookie === undefined) return undefined;
    const [own, ofPerson] = cookie.isPlain
      ? [this.#plainSigner, this.#plainPersonSigner]
      : [this.#signer, this.#personSigner];
    const claims = claimsSchema.safeParse(own.read(cookie.value) ?? ofPerson.read(cookie.value));
    if (!claims.success) return undefined;
    const ageMs = this.#options.clock.now() - claims.data.issuedAt;
    return ageMs > this.#options.lastsMs ? undefined : claims.data;
  }

  #set(value: string, lastsMs: number): string {
    return this.#cookie.set(value, Math.floor(lastsMs / 1_000));
  }
}

interface ReadSession {
  readonly principal: Principal;
  readonly session: StoredSession;
}

/** The holder of a session. Without `revoked`, and without the rights of a named token. */
export function principalOf(session: StoredSession, kind: Principal['kind']): Principal {
  const { id: sessionId, name, way, tokenId, deploymentId, tenantId } = session;
  if (way === 'token') {
    return tokenId === undefined
      ? { name, kind, scopes: ['admin'], sessionId }
      : { name, kind, scopes: [], sessionId, tokenId };
  }
  return { name, kind, scopes: heldScopes(session.scopes ?? []), sessionId, deploymentId, tenantId };
}

/** The row of a new session of a person. */
export function personRow(
  begun: Pick<NewSession, 'id' | 'way' | 'beganAtMs'>,
  { seal, ...person }: SignedInPerson,
  source: SignInSource,
): NewSession {
  return { ...begun, ...person, ...sourceOf(source), sealed: seal(begun.id) };
}

function sourceOf({ address, client }: SignInSource): SignInSource {
  return { address, client: client?.slice(0, CLIENT_MAX_CHARACTERS) };
}
