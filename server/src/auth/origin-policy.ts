/**
 * A browser says in `Origin` whose page it acts for. Pages of our own host are welcome, and those that the operator
 * names. Only the host is compared: behind a proxy that ends TLS we do not know our own scheme.
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

  /** Named by the operator, and thus a page of another host that may read our answers. */
  isNamed(origin: string): boolean {
    return this.#allowed.has(origin);
  }
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
