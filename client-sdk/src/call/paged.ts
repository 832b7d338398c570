interface Pages<Page, Item> {
  /** The page after a cursor, or the first one. */
  readonly fetch: (cursor: string | undefined) => Promise<Page>;
  /** Where an iteration begins; the first page where undefined. Example: `9f86d081884c7d65:0`. */
  readonly begin?: string | undefined;
  /** What `for await` yields of a page. */
  readonly itemsOf: (page: Page) => readonly Item[];
  /** Undefined after the last page. */
  readonly next: (page: Page) => string | undefined;
}

/**
 * One page for `await`, and every item for `for await`, which fetches page after page as the loop needs them. Nothing is
 * fetched before one of the two.
 */
export class Paged<Page, Item> implements Promise<Page>, AsyncIterable<Item> {
  /** `Paged`. */
  readonly [Symbol.toStringTag] = 'Paged';
  readonly #pages: Pages<Page, Item>;
  #first: Promise<Page> | undefined;

  constructor(pages: Pages<Page, Item>) {
    this.#pages = pages;
  }

  /** Resolves with the first page, which is fetched once. */
  // oxlint-disable-next-line unicorn/no-thenable -- `await` gives one page: that is what this class is for
  then<Fulfilled = Page, Rejected = never>(
    onFulfilled?: ((page: Page) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.#await().then(onFulfilled, onRejected);
  }

  /** Catches the error of the first page. */
  catch<Rejected = never>(
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Page | Rejected> {
    return this.#await().catch(onRejected);
  }

  /** Runs after the first page. */
  finally(onFinally?: (() => void) | null): Promise<Page> {
    return this.#await().finally(onFinally);
  }

  /** Yields the pages themselves. */
  async *pages(): AsyncGenerator<Page, void, void> {
    let cursor = this.#pages.begin;
    for (;;) {
      const page = await this.#pages.fetch(cursor);
      yield page;
      const next = this.#pages.next(page);
      // A server that answers with the same cursor again has nothing more.
      if (next === undefined || next === cursor) return;
      cursor = next;
    }
  }

  /** Yields item after item, on all pages. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, void> {
    for await (const page of this.pages()) yield* this.#pages.itemsOf(page);
  }

  #await(): Promise<Page> {
    this.#first ??= this.#pages.fetch(undefined);
    return this.#first;
  }
}
