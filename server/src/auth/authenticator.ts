import type { IncomingHttpHeaders } from 'node:http';
import { LaunchlogError } from '@launchlog/shared/error-code';
import type { ConsoleSessions } from './console-sessions.js';
import type { FailedSignIns } from './failed-sign-ins.js';
import type { OriginPolicy } from './origin-policy.js';
import type { Principal } from './principal.js';

/** Knows a token's owner. */
export interface TokenVerifier {
  /** Undefined for a token it does not know; takes as long for a token that is nearly right. */
  verify(token: string): Promise<Principal | undefined>;
}

export interface AuthenticatorOptions {
  /** Asked in this order. */
  readonly verifiers: readonly TokenVerifier[];
  readonly sessions: ConsoleSessions;
  readonly failedSignIns: FailedSignIns;
  readonly origins: OriginPolicy;
}

/** What of a request matters for who sent it. */
export interface Caller {
  /** `UPGRADE` for a WebSocket. */
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** Of the client, not of a proxy of ours. */
  readonly address: string;
}

/** Decides who calls, the same for every transport. */
export class Authenticator {
  readonly #options: AuthenticatorOptions;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
  }

  /** A token beats a cookie: who sends a wrong one is told so. */
  async authenticate(caller: Caller): Promise<Principal> {
    const token = tokenOf(caller.headers);
    if (token !== undefined) return this.authenticateToken(token, caller.address);
    const session = this.#options.sessions.read(caller.headers.cookie);
    if (session === undefined) throw new LaunchlogError('missing_admin_token', 'missing admin token');
    this.#refuseForgery(caller);
    return session;
  }

  async authenticateToken(token: string, address: string): Promise<Principal> {
    this.#options.failedSignIns.admit(address);
    for (const verifier of this.#options.verifiers) {
      const principal = await verifier.verify(token);
      if (principal !== undefined) return principal;
    }
    this.#options.failedSignIns.note(address);
    throw new LaunchlogError('invalid_admin_token', 'invalid admin token');
  }

  /** True where nothing was sent that could prove anything. */
  isAnonymous(headers: IncomingHttpHeaders): boolean {
    return tokenOf(headers) === undefined && this.#options.sessions.read(headers.cookie) === undefined;
  }

  /** A browser says for whose page it acts; other programs do not. */
  refuseForeignPage(headers: IncomingHttpHeaders): void {
    if (headers.origin === undefined || this.#options.origins.allows(headers.origin, headers.host)) return;
    throw new LaunchlogError('invalid_origin', 'the Origin is not that of this server');
  }

  /** A browser sends the cookie for any page that asks; only our own page can send this. */
  #refuseForgery({ method, headers }: Caller): void {
    if (method === 'GET' || method === 'HEAD') return;
    const origin = headers.origin;
    if (origin === undefined || !this.#options.origins.allows(origin, headers.host)) {
      throw new LaunchlogError('invalid_origin', 'with a cookie the Origin must be that of this server');
    }
    if (method !== 'DELETE' && method !== 'UPGRADE' && !isJson(headers['content-type'])) {
      throw new LaunchlogError(
        'unsupported_media_type',
        'with a cookie the Content-Type must be application/json',
      );
    }
  }
}

/** `X-Admin-Token`, or `Authorization: Bearer`. */
function tokenOf(headers: IncomingHttpHeaders): string | undefined {
  const own = headers['x-admin-token'];
  if (own !== undefined && own !== '') return Array.isArray(own) ? own.join() : own;
  const [scheme, token] = headers.authorization?.split(/ +/, 2) ?? [];
  return scheme?.toLowerCase() === 'bearer' && token !== '' ? token : undefined;
}

function isJson(contentType: string | undefined): boolean {
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';
}
