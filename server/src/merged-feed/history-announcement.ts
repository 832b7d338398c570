import type { Notice } from '@launchlog/shared/event';

/**
 * Announces the lines of history, to a reader that asked for that.
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

  /** Call it when the number of logs to read is known. */
  found(logs: number): void {
    this.#logs = logs;
    if (this.#state === 'quiet') this.#state = 'found';
  }

  /** Counts one more line. */
  count(): void {
    if (this.#state === 'loading') this.#lines += 1;
  }

  /** The notice to send before anything else. */
  begin(): Notice | undefined {
    if (!this.#isWanted || this.#state !== 'found') return undefined;
    this.#state = 'loading';
    const message = `${this.#logs} logs are read, beginning with the lines that were there before`;
    return { code: 'history_loading', message, count: this.#logs };
  }

  /** The notice to send after everything else. */
  end(): Notice | undefined {
    if (this.#state !== 'loading') return undefined;
    this.#state = 'complete';
    const message = `${this.#lines} lines were there before; what follows is new`;
    return { code: 'history_complete', message, count: this.#lines };
  }
}
