/**
 * Decides by `Origin` which pages may act for a signed-in user: those of our own host, and those that the operator names.
 * Only the host is compared, because behind a proxy that terminates TLS the server does not know its own scheme.
 */
export class OriginPolicy {
  readonly #allowed: ReadonlySet<string>;

  /** `allowed`: exact origins such as `https://console.example.org`. */
  constructor(allowed: readonly string[]) {
    this.#allowed = new Set(allowed);
  }

  allows(origin: string, host: string | undefined): boolean {
    if (this.#allowed.has(origin)) return true;
    return host !== undefined && hostOf(origin) === host.toLowerCase();
  }

  /** Whether the operator named it: pages of that origin may read responses. */
  isNamed(origin: string): boolean {
    return this.#allowed.has(origin);
  }
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
