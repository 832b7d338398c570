import { LaunchlogError } from '@launchlog/shared/error-code';
import type { LogPage } from '../search/log-page.js';

export interface PageTurnsOptions {
  /** Waited for before each page. */
  readonly room?: (() => Promise<void>) | undefined;
  /** Characters of all pages together, beyond which there is no other page. */
  readonly maxCharacters?: number | undefined;
}

/** Names and numbers of one entry, about. */
const ENTRY_CHARACTERS = 200;

/**
 * The log pages that one request or one socket asks for, one after another. Each may be as large as a log, and whoever
 * asks for many at once would have all of them in our memory.
 */
export class PageTurns {
  readonly #options: PageTurnsOptions;
  #last: Promise<unknown> = Promise.resolve();
  #characters = 0;
  #closed = false;

  constructor(options: PageTurnsOptions) {
    this.#options = options;
  }

  take(read: () => Promise<LogPage>): Promise<LogPage> {
    const page = this.#last.then(() => this.#read(read));
    this.#last = page.catch(() => undefined);
    return page;
  }

  /** Nobody waits for the rest any more. */
  close(): void {
    this.#closed = true;
  }

  async #read(read: () => Promise<LogPage>): Promise<LogPage> {
    const { room, maxCharacters = Number.POSITIVE_INFINITY } = this.#options;
    await room?.();
    if (this.#closed) throw new LaunchlogError('unavailable', 'the connection is gone');
    if (this.#characters >= maxCharacters) {
      throw new LaunchlogError(
        'invalid_request',
        'the log pages of one batch are too large together: ask one by one',
      );
    }
    const page = await read();
    for (const { message } of page.entries) this.#characters += message.length + ENTRY_CHARACTERS;
    return page;
  }
}
