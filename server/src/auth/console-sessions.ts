import { z } from 'zod';
import type { Clock } from '../clock.js';
import { ClaimSigner } from './claim-signer.js';
import type { Principal } from './principal.js';

export interface ConsoleSessionOptions {
  readonly secret: string;
  readonly clock: Clock;
  readonly lastsMs: number;
  /** The browser then sends the cookie over TLS only. */
  readonly secure: boolean;
}

const COOKIE_NAME = 'launchlog_session';

const claimsSchema = z.object({ actor: z.string(), token: z.uuid().optional(), issuedAt: z.number() });

/** Signs the console's users in with a cookie no script can read. Changing the admin token ends every session. */
export class ConsoleSessions {
  readonly #signer: ClaimSigner;
  readonly #options: ConsoleSessionOptions;

  constructor(options: ConsoleSessionOptions) {
    this.#signer = new ClaimSigner(options.secret, 'console session v1');
    this.#options = options;
  }

  /** The value of a Set-Cookie header, and when the session ends (milliseconds since 1970). */
  begin(principal: Principal): { readonly cookie: string; readonly endsAt: number } {
    const issuedAt = this.#options.clock.now();
    const value = this.#signer.sign({
      actor: principal.name,
      ...(principal.tokenId === undefined ? {} : { token: principal.tokenId }),
      issuedAt,
    });
    return {
      cookie: this.#setCookie(value, Math.floor(this.#options.lastsMs / 1_000)),
      endsAt: issuedAt + this.#options.lastsMs,
    };
  }

  /** The value of a Set-Cookie header that makes the browser forget the session. */
  end(): string {
    return this.#setCookie('', 0);
  }

  /**
   * Undefined where the Cookie header holds no session that stands. One of a named token holds no right by itself:
   * `Authenticator` asks what that token may do now.
   */
  read(cookieHeader: string | undefined): Principal | undefined {
    const value = cookieValue(cookieHeader ?? '');
    if (value === undefined) return undefined;
    const claims = claimsSchema.safeParse(this.#signer.read(value));
    if (!claims.success) return undefined;
    if (this.#options.clock.now() - claims.data.issuedAt > this.#options.lastsMs) return undefined;
    const { actor, token } = claims.data;
    return token === undefined
      ? { name: actor, kind: 'console_session', scopes: ['admin'] }
      : { name: actor, kind: 'console_session', scopes: [], tokenId: token };
  }

  #setCookie(value: string, maxAgeSeconds: number): string {
    const secure = this.#options.secure ? '; Secure' : '';
    return `${COOKIE_NAME}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${secure}`;
  }
}

function cookieValue(header: string): string | undefined {
  for (const pair of header.split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === COOKIE_NAME && value !== undefined && value !== '') return value;
  }
  return undefined;
}
