interface SessionCookieOptions {
  /** The browser then sends the cookie only over TLS. */
  readonly secure: boolean;
  /** The browser sends the cookie below this path: `/`, or the path of `PUBLIC_URL`. */
  readonly path: string;
}

const NAME = 'launchlog_session';

/**
 * The console's cookie. Behind TLS its name has a prefix, by which browsers refuse one that was set over plain HTTP, and for
 * `__Host-` also one that was set by another host of the same domain. A path of its own excludes `__Host-`. See decision 117.
 */
export class SessionCookie {
  readonly #options: SessionCookieOptions;
  readonly #name: string;

  constructor(options: SessionCookieOptions) {
    this.#options = options;
    this.#name = prefixFor(options) + NAME;
  }

  /** Whether the name has a prefix. A value that was signed for such a name is not accepted under the plain one. */
  get isPrefixed(): boolean {
    return this.#name !== NAME;
  }

  /** The value in a Cookie header, and whether it came under the plain name of earlier releases. */
  read(header: string | undefined): { readonly value: string; readonly isPlain: boolean } | undefined {
    const own = valueOf(header ?? '', this.#name);
    if (own !== undefined) return { value: own, isPlain: !this.isPrefixed };
    const plain = valueOf(header ?? '', NAME);
    return plain === undefined ? undefined : { value: plain, isPlain: true };
  }

  /** The value of a Set-Cookie header. */
  set(value: string, maxAgeSeconds: number): string {
    return this.#named(this.#name, value, maxAgeSeconds);
  }

  /** The values of the Set-Cookie headers that remove the cookie, also under the plain name. */
  remove(): string[] {
    return [...new Set([this.#name, NAME])].map((name) => this.#named(name, '', 0));
  }

  #named(name: string, value: string, maxAgeSeconds: number): string {
    return cookieHeader({ ...this.#options, name, value, maxAgeSeconds, sameSite: 'Strict' });
  }
}

interface SetCookie extends SessionCookieOptions {
  readonly name: string;
  readonly value: string;
  readonly maxAgeSeconds: number;
  readonly sameSite: 'Strict' | 'Lax';
}

/** The value of a Set-Cookie header. Scripts cannot read the cookie. */
export function cookieHeader({ name, value, path, secure, maxAgeSeconds, sameSite }: SetCookie): string {
  const only = secure ? '; Secure' : '';
  return `${name}=${value}; Path=${path}; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=${sameSite}${only}`;
}

export function prefixFor({ secure, path }: SessionCookieOptions): string {
  if (!secure) return '';
  return path === '/' ? '__Host-' : '__Secure-';
}

export function valueOf(header: string, name: string): string | undefined {
  for (const pair of header.split(';')) {
    const [found, value] = pair.trim().split('=', 2);
    if (found === name && value !== undefined && value !== '') return value;
  }
  return undefined;
}
