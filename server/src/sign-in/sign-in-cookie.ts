import { z } from 'zod';
import { ClaimSigner } from '../auth/claim-signer.js';
import { cookieHeader, prefixFor, valueOf } from '../auth/session/session-cookie.js';
import type { Clock } from '../clock.js';
import type { SignInSecrets } from './issuer.js';

interface SignInCookieOptions {
  readonly secret: string;
  readonly clock: Clock;
  readonly secure: boolean;
  readonly path: string;
}

const NAME = 'launchlog_sign_in';
/** How long a person may take at the identity provider. */
const LASTS_MS = 15 * 60_000;
const rememberedSchema = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  to: z.string(),
  atMs: z.number(),
});

/** The cookie of a sign-in in progress at the issuer. Any server may complete a sign-in that another began. */
export class SignInCookie {
  readonly #signer: ClaimSigner;
  readonly #options: SignInCookieOptions;
  readonly #name: string;

  constructor(options: SignInCookieOptions) {
    this.#signer = new ClaimSigner(options.secret, 'sign-in v1');
    this.#options = options;
    this.#name = prefixFor(options) + NAME;
  }

  /** The value of a Set-Cookie header. `to` is the page to return to. */
  set(secrets: SignInSecrets, to: string): string {
    const value = this.#signer.sign({ ...secrets, to, atMs: this.#options.clock.now() });
    return this.#header(value, LASTS_MS / 1_000);
  }

  /** The value of a Set-Cookie header. */
  remove(): string {
    return this.#header('', 0);
  }

  /** Undefined if the browser began no sign-in, or began it too long ago. */
  read(header: string | undefined): (SignInSecrets & { readonly to: string }) | undefined {
    const value = valueOf(header ?? '', this.#name);
    const remembered = rememberedSchema.safeParse(value === undefined ? undefined : this.#signer.read(value));
    if (!remembered.success) return undefined;
    return this.#options.clock.now() - remembered.data.atMs > LASTS_MS ? undefined : remembered.data;
  }

  /** Lax: the browser comes back from another site. */
  #header(value: string, maxAgeSeconds: number): string {
    return cookieHeader({ ...this.#options, name: this.#name, value, maxAgeSeconds, sameSite: 'Lax' });
  }
}
