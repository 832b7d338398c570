/** A browser without a screen: keeps cookies for each port of this machine, and follows redirects. */
export class CookieBrowser {
  readonly #jars = new Map<string, Map<string, string>>();

  /** One request, without following where it leads. */
  async visit(url: string | URL, init: RequestInit = {}): Promise<Response> {
    const { origin } = new URL(url);
    const jar = this.#jars.get(origin) ?? new Map<string, string>();
    this.#jars.set(origin, jar);
    const headers = new Headers(init.headers);
    if (jar.size > 0) headers.set('Cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
    const answer = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const cookie of answer.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      if (value === '' || /max-age=0/i.test(cookie)) jar.delete(name);
      else jar.set(name, value);
    }
    return answer;
  }

  /** Follows redirects until a page is shown, or until one leads to an address that `stop` matches. */
  async open(url: string | URL, stop?: RegExp): Promise<{ readonly url: URL; readonly answer: Response }> {
    let at = new URL(url);
    for (let hops = 0; hops < 20; hops += 1) {
      const answer = await this.visit(at);
      const location = answer.headers.get('location');
      if (location === null) return { url: at, answer };
      const next = new URL(location, at);
      if (stop?.test(next.href) === true) return { url: next, answer };
      at = next;
    }
    throw new Error(`too many redirects: ${at.href}`);
  }

  /** The cookies for an address, as a header. */
  cookiesFor(url: string): string {
    return [...(this.#jars.get(new URL(url).origin) ?? [])]
      .map(([name, value]) => `${name}=${value}`)
      .join('; ');
  }
}
