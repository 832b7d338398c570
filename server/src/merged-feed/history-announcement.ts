import type { Notice } from '@launchlog/shared/event';

/**
 * Announces the lines that were there before, to a reader that asked for it.
 *
 *   quiet ──found──▶ found ──taken──▶ loading ──live──▶ complete
 */
export class HistoryAnnouncement {
  readonly #isWanted: boolean;
  #state: 'quiet' | 'found' | 'loading' | 'complete' = 'quiet';
  #logs = 0;
  #lines = 0;

  constructor(isWanted: boolean) {
    this.#isWanted = isWanted;
  }

  /** The end of history is still to be announced. */
  get isPending(): boolean {
    return this.#state === 'loading';
  }

  /** So many logs are read. */
  found(logs: number): void {
    this.#logs = logs;
    if (this.#state === 'quiet') this.#state = 'found';
  }

  /** One more line is sent. */
  count(): void {
    if (this.#state === 'loading') this.#lines += 1;
  }

  /** What is to be announced before anything else is sent. */
  begin(): Notice | undefined {
    if (!this.#isWanted || this.#state !== 'found') return undefined;
    this.#state = 'loading';
    const message = `${this.#logs} logs are read, beginning with the lines that were there before`;
    return { code: 'history_loading', message, count: this.#logs };
  }

  /** What is to be announced when everything has been sent. */
  end(): Notice | undefined {
    if (this.#state !== 'loading') return undefined;
    this.#state = 'complete';
    const message = `${this.#lines} lines were there before; what follows is new`;
    return { code: 'history_complete', message, count: this.#lines };
  }
}
