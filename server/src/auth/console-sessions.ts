import { z } from 'zod';
import { LaunchlogError } from '@launchlog/shared/error-code';
import type { Clock } from '../clock.js';
import type { Principal } from '../principal.js';
import { ClaimSigner } from './claim-signer.js';
import { OpenSessions } from './open-sessions.js';
import { SessionCookie } from './session-cookie.js';

interface ConsoleSessionOptions {
  readonly secret: string;
  readonly clock: Clock;
  readonly lastsMs: number;
  /** The browser then sends the cookie only over TLS. */
  readonly secure: boolean;
  /** Below which the browser sends the cookie: `/`, or the path of `PUBLIC_URL`. */
  readonly path: string;
  readonly newId: () => string;
}

const claimsSchema = z.object({
  id: z.string(),
  actor: z.string(),
  token: z.uuid().optional(),
  issuedAt: z.number(),
});

/**
 * Signs the console's users in with a cookie that no script can read. Every server with the same secret accepts it;
 * changing the admin token ends every session. Only this process learns that a user signed out.
 */
export class ConsoleSessions {
  /** For a cookie whose name has a prefix. */
  readonly #signer: ClaimSigner;
  /** For a cookie without one, which other hosts of the same domain can set. */
  readonly #plainSigner: ClaimSigner;
  readonly #options: ConsoleSessionOptions;
  readonly #cookie: SessionCookie;
  readonly #open = new OpenSessions();

  constructor(options: ConsoleSessionOptions) {
    this.#signer = new ClaimSigner(options.secret, 'console session v2');
    this.#plainSigner = new ClaimSigner(options.secret, 'console session v1');
    this.#options = options;
    this.#cookie = new SessionCookie(options);
  }

  /** Returns the value of a Set-Cookie header, and when the session ends (milliseconds since 1970). */
  begin(principal: Principal): { readonly cookie: string; readonly endsAt: number } {
    const issuedAt = this.#options.clock.now();
    const signer = this.#cookie.isPrefixed ? this.#signer : this.#plainSigner;
    const value = signer.sign({
      id: this.#options.newId(),
      actor: principal.name,
      ...(principal.tokenId === undefined ? {} : { token: principal.tokenId }),
      issuedAt,
    });
    return {
      cookie: this.#cookie.set(value, Math.floor(this.#options.lastsMs / 1_000)),
      endsAt: issuedAt + this.#options.lastsMs,
    };
  }

  /** Ends everything the session has open here. Returns the values of Set-Cookie headers that remove the cookie. */
  end(cookieHeader: string | undefined): string[] {
    const claims = this.#claims(cookieHeader);
    if (claims !== undefined) this.#open.end(claims.id);
    return this.#cookie.remove();
  }

  /**
   * Undefined if the Cookie header holds no valid session. The session of a named token has no scopes by itself:
   * `Authenticator` looks up what the token may do now.
   */
  read(cookieHeader: string | undefined): Principal | undefined {
    const claims = this.#claims(cookieHeader);
    if (claims === undefined || this.#open.hasEnded(claims.id)) return undefined;
    const { id: sessionId, actor: name, token: tokenId } = claims;
    return tokenId === undefined
      ? { name, kind: 'console_session', scopes: ['admin'], sessionId, revoked: this.revoked(sessionId) }
      : { name, kind: 'console_session', scopes: [], sessionId, tokenId };
  }

  /** A signal that aborts when the session ends here or its named token is revoked. Throws if the session has ended. */
  revoked(sessionId: string, ofToken?: AbortSignal): AbortSignal {
    if (this.#open.hasEnded(sessionId)) throw new LaunchlogError('missing_admin_token', 'signed out');
    return this.#open.revoked(sessionId, ofToken);
  }

  #claims(cookieHeader: string | undefined): z.output<typeof claimsSchema> | undefined {
    const cookie = this.#cookie.read(cookieHeader);
    if (cookie === undefined) return undefined;
    const signer = cookie.isPlain ? this.#plainSigner : this.#signer;
    const claims = claimsSchema.safeParse(signer.read(cookie.value));
    if (!claims.success) return undefined;
    const ageMs = this.#options.clock.now() - claims.data.issuedAt;
    return ageMs > this.#options.lastsMs ? undefined : claims.data;
  }
}
