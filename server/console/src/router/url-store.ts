import { createService } from '../state/service.js';
import { Store } from '../state/store.js';

interface PageUrl {
  readonly path: string;
  readonly search: URLSearchParams;
  readonly hash: string;
  /** Grows with each jump to the hash, so that a jump to where the reader was before is noticed. */
  readonly jumps: number;
}

/** The URL as state: copying it shares exactly what the reader sees. */
export class UrlStore {
  readonly store: Store<PageUrl>;
  readonly #window: Window;
  readonly #basePath: string;
  #jumps = 0;

  /** `basePath`: what precedes the path of every page, without a slash at its end; empty at the root of a host. */
  constructor(window: Window, basePath: string) {
    this.#window = window;
    this.#basePath = basePath;
    this.store = new Store(this.#read());
    window.addEventListener('popstate', () => this.#reread());
    window.addEventListener('hashchange', () => this.#reread());
  }

  /** Opens another page and adds it to the browser's history. */
  go(to: string): void {
    this.#window.history.pushState(undefined, '', this.hrefOf(to));
    this.#reread();
  }

  /** The path of a page as the browser sees it. */
  hrefOf(to: string): string {
    return this.#basePath + to;
  }

  /** Where the server is, for callers outside of this page; without a slash at its end. */
  get serverUrl(): string {
    return this.#window.location.origin + this.#basePath;
  }

  /** Replaces search parameters without a history entry. An empty value removes the parameter. */
  patchSearch(patch: Readonly<Record<string, string>>): void {
    const url = new URL(this.#window.location.href);
    for (const [name, value] of Object.entries(patch)) {
      if (value === '') url.searchParams.delete(name);
      else url.searchParams.set(name, value);
    }
    // Commas separate our lists and are legal in a query, so they stay readable.
    url.search = url.searchParams.toString().replaceAll('%2C', ',');
    this.#replace(url);
  }

  setHash(hash: string): void {
    const url = new URL(this.#window.location.href);
    url.hash = hash;
    this.#replace(url);
  }

  /** Sets the hash and asks the page to show what it points to, even if it did so before. */
  jumpTo(hash: string): void {
    this.#jumps += 1;
    this.setHash(hash);
    this.#reread();
  }

  #replace(url: URL): void {
    if (url.href === this.#window.location.href) return;
    this.#window.history.replaceState(undefined, '', url);
    this.#reread();
  }

  #reread(): void {
    this.store.set(this.#read());
  }

  #read(): PageUrl {
    const { pathname, search, hash } = this.#window.location;
    const path = pathname.startsWith(`${this.#basePath}/`) ? pathname.slice(this.#basePath.length) : pathname;
    return {
      path: pathname === this.#basePath ? '/' : path,
      search: new URLSearchParams(search),
      hash,
      jumps: this.#jumps,
    };
  }
}

export const [UrlContext, useUrl] = createService<UrlStore>('UrlStore');
