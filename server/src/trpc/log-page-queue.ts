import { LaunchlogError } from '@launchlog/shared/error-code';
import type { LogPage } from '../search/log-page.js';

interface LogPageQueueOptions {
  /** Awaited before each page; a rejection refuses the page. */
  readonly beforeEach?: (() => Promise<void>) | undefined;
  /** Once all pages together have this many characters, the next one is refused. */
  readonly maxCharacters?: number | undefined;
}

/**
 * Reads and renders the log pages of one request or one socket one after another. Each may be as large as a log: read at once, all of
 * them would be in our memory. See decision 95.
 */
export class LogPageQueue {
  readonly #options: LogPageQueueOptions;
  #last: Promise<unknown> = Promise.resolve();
  #characters = 0;
  #closed = false;

  constructor(options: LogPageQueueOptions) {
    this.#options = options;
  }

  /** Resolves to what `render` makes of the page. The next page is not read before. */
  read<Answer>(
    read: () => Promise<LogPage>,
    render: (page: LogPage) => Promise<Answer> | Answer,
  ): Promise<Answer> {
    const answer = this.#last.then(() => this.#readNext(read)).then(render);
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  /** The client is gone: the pages that still wait are not read. */
  close(): void {
    this.#closed = true;
  }

  async #readNext(read: () => Promise<LogPage>): Promise<LogPage> {
    const { beforeEach, maxCharacters = Number.POSITIVE_INFINITY } = this.#options;
    await beforeEach?.();
    if (this.#closed) throw new LaunchlogError('unavailable', 'the connection is gone');
    if (this.#characters >= maxCharacters) {
      throw new LaunchlogError(
        'invalid_request',
        'the log pages of one batch are too large together: ask one by one',
      );
    }
    const page = await read();
    for (const { json } of page.records) this.#characters += json.length;
    return page;
  }
}
