import type { IncomingHttpHeaders } from 'node:http';
import { LaunchlogError } from '@launchlog/shared/error-code';
import { isAdmitted, requireAccess } from '../edge/access-rule.js';
import { accessTo } from '../edge/access-table.js';
import type { ProcedureName, RestRouteName } from '../edge/access-table.js';
import type { Principal } from '../principal.js';
import type { HeavyReads } from '../rate-limit/heavy-reads.js';
import type { RateLimiter } from '../rate-limit/rate-limiter.js';
import { requireAllowed } from '../rate-limit/rate-limiter.js';
import type { AmbientIdentity } from './ambient-identity.js';
import { callerToken } from './caller-token.js';
import type { FailedSignIns } from './failed-sign-ins.js';
import type { OriginPolicy } from './origin-policy.js';
import type { ConsoleSessions } from './session/console-sessions.js';
import type { StreamTickets } from './stream-tickets.js';
import type { TokenRegistry } from './token-registry.js';
import type { TokenVerifier } from './token-verifier.js';

interface AuthenticatorOptions {
  /** Tried in this order. */
  readonly verifiers: readonly TokenVerifier[];
  readonly sessions: ConsoleSessions;
  readonly tickets: StreamTickets;
  /** Gives sessions and tickets of named tokens the token's present rights. */
  readonly tokens: Pick<TokenRegistry, 'holder'>;
  /** Limits the requests of one token. */
  readonly requests: RateLimiter;
  /** Called when an unknown token comes from this address, for the first time in this minute. */
  readonly onRefused: (address: string) => void;
  /** Called when a credential is used for an operation that it does not allow. */
  readonly onForbidden: (principal: Principal, operation: string) => void;
  readonly failedSignIns: FailedSignIns;
  readonly heavyReads: HeavyReads;
  readonly origins: OriginPolicy;
  /** Reads the person that a trusted proxy names; absent where no such proxy is configured. */
  readonly identity?: AmbientIdentity | undefined;
}

/** Request fields that identify the caller. */
interface CallerRequest {
  /** `UPGRADE` for a WebSocket. */
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** The client's address, not that of a trusted proxy. */
  readonly address: string;
}

/** Identifies the caller, the same for every transport. */
export class Authenticator {
  readonly #options: AuthenticatorOptions;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
  }

  /**
   * Tries a token of ours first: it overrides what a browser or proxy adds, so that a wrong token is reported. The person
   * that a proxy names overrides a cookie, which may belong to another person. See decision 169.
   */
  async authenticate(caller: CallerRequest): Promise<Principal> {
    const token = this.#tokenOf(caller.headers);
    if (token !== undefined) return this.authenticateToken(token, caller.address);
    const session = await this.readPerson(caller);
    if (session === undefined) throw new LaunchlogError('missing_admin_token', 'missing admin token');
    this.#refuseForgery(caller);
    await this.meter(session);
    return { ...session, address: caller.address };
  }

  async authenticateToken(token: string, address: string): Promise<Principal> {
    const { failedSignIns, onRefused } = this.#options;
    const known = await this.#verify(token);
    // A right guess must wait like the wrong ones. A token that cannot be guessed does not wait. See decision 152.
    if (known?.isGuessable !== false) await failedSignIns.admit(address);
    const principal = known?.principal ?? (await this.#search(token));
    if (principal === undefined) {
      if (await failedSignIns.note(address, token)) onRefused(address);
      throw new LaunchlogError('invalid_admin_token', 'invalid admin token');
    }
    await this.meter(principal);
    return { ...principal, address };
  }

  /** The person of a request without a token, by a trusted proxy or by the console's cookie. Throws for a person without rights. */
  async readPerson({
    headers,
    address,
  }: Pick<CallerRequest, 'headers' | 'address'>): Promise<Principal | undefined> {
    const named = await this.#options.identity?.read(headers, address);
    if (named?.kind === 'known') return named.principal;
    const session = await this.readSession(headers);
    if (session === undefined && named !== undefined) throw named.refusal;
    return session;
  }

  /** The signed-in user of the console, with the present rights of its token. */
  async readSession(headers: IncomingHttpHeaders): Promise<Principal | undefined> {
    const found = await this.#options.sessions.read(headers.cookie);
    if (found === undefined) return undefined;
    const { principal, session } = found;
    if (principal.tokenId === undefined) return { ...principal, revoked: this.#revoked(principal) };
    const holder = this.#options.tokens.holder(principal.tokenId, session.beganAtMs);
    const { kind, sessionId } = principal;
    return holder && { ...holder, kind, sessionId, revoked: this.#revoked(principal, holder) };
  }

  /** `resumed`: the caller names a cursor of the log, which only a reader of the log can know. */
  async redeemTicket(ticket: string, resumed: boolean): Promise<Principal> {
    const principal = await this.#options.tickets.redeem(ticket, resumed);
    await this.meter(principal);
    const owner = await this.#ownerOf(principal);
    const { deploymentId, tenantId, revoked } = owner;
    return { ...principal, deploymentId, tenantId, revoked };
  }

  /** The owner of the ticket: a named token or a session; the ticket itself if neither is behind it. */
  async #ownerOf(ticket: Principal): Promise<Principal> {
    const { sessionId, tokenId } = ticket;
    const session = sessionId === undefined ? undefined : await this.#options.sessions.find(sessionId);
    const holder = tokenId === undefined ? undefined : this.#options.tokens.holder(tokenId);
    if (tokenId !== undefined && holder === undefined) {
      throw new LaunchlogError('invalid_ticket', 'the token behind the ticket was revoked');
    }
    return { ...(holder ?? session ?? ticket), revoked: this.#revoked(ticket, holder) };
  }

  /** Records that a redeemed ticket opens or resumes a stream now. Never rejects. */
  noteOpened(ticket: string): Promise<void> {
    return this.#options.tickets.noteOpened(ticket);
  }

  /** Throws where the caller may not call the operation. */
  authorize(principal: Principal, operation: RestRouteName | ProcedureName): void {
    const rule = accessTo(operation);
    if (!isAdmitted(principal, rule)) this.#options.onForbidden(principal, operation);
    requireAccess(principal, rule);
  }

  /** Runs a read that scans when it is the caller's turn. Rejects if too many of the caller's reads wait already. */
  runHeavyRead<Result>(principal: Principal, read: () => Promise<Result>): Promise<Result> {
    return this.#options.heavyReads.run(principal.tokenId ?? principal.name, read);
  }

  /** Counts one request. Rejects if there were too many in this minute. */
  async meter(principal: Principal): Promise<void> {
    const verdict = await this.#options.requests.take(principal.tokenId ?? principal.name);
    requireAllowed(verdict, 'too many requests with this token: wait a little');
  }

  /** Whether the request carries no credential. */
  async isAnonymous({ headers, address }: Pick<CallerRequest, 'headers' | 'address'>): Promise<boolean> {
    if (this.#tokenOf(headers) !== undefined) return false;
    const named = await this.#options.identity?.read(headers, address);
    return named?.kind !== 'known' && (await this.readSession(headers)) === undefined;
  }

  /** Browsers send the origin of the page; other programs do not. */
  refuseForeignPage(headers: IncomingHttpHeaders): void {
    const { origins } = this.#options;
    if (headers.origin === undefined || origins.allows(headers.origin, headers)) return;
    throw origins.refusal(headers.origin);
  }

  #tokenOf(headers: IncomingHttpHeaders): string | undefined {
    return callerToken(headers, (token) =>
      this.#options.verifiers.some((verifier) => verifier.isOurKind(token)),
    );
  }

  async #verify(token: string) {
    for (const verifier of this.#options.verifiers) {
      const principal = await verifier.verify(token);
      if (principal !== undefined) return { principal, isGuessable: verifier.isGuessable };
    }
    return undefined;
  }

  async #search(token: string): Promise<Principal | undefined> {
    for (const verifier of this.#options.verifiers) {
      const principal = await verifier.search?.(token);
      if (principal !== undefined) return principal;
    }
    return undefined;
  }

  /** A session also ends when its user signs out. */
  #revoked({ sessionId }: Principal, holder?: Principal): AbortSignal | undefined {
    if (sessionId === undefined) return holder?.revoked;
    return this.#options.sessions.revoked(sessionId, holder?.revoked);
  }

  /** A browser sends the cookie with requests of any page, but only our own pages can send this origin and type. */
  #refuseForgery({ method, headers }: CallerRequest): void {
    if (method === 'GET' || method === 'HEAD') return;
    const { origins } = this.#options;
    if (headers.origin === undefined || !origins.allows(headers.origin, headers)) {
      throw origins.refusal(headers.origin);
    }
    if (method !== 'DELETE' && method !== 'UPGRADE' && !isJson(headers['content-type'])) {
      throw new LaunchlogError(
        'unsupported_media_type',
        'with a cookie the Content-Type must be application/json',
      );
    }
  }
}

function isJson(contentType: string | undefined): boolean {
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';
}
