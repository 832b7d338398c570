import type { LogStreamQuery } from '@launchlog/shared/log-query';
import { formatCursor, parseCursor } from '@launchlog/shared/cursor';
import type { Done } from '@launchlog/shared/event';
import type { FeedBatch, FeedItem } from '@launchlog/server/log/feed-item';
import { LogRecord } from '@launchlog/server/log/feed-item';
import { entryOf, EPOCH } from './scripted-log-source.js';

/** A log in memory that a test writes, read as the feed reads: a status first, then every entry behind the cursor. */
export class ScriptedLog {
  readonly #records: LogRecord[] = [];
  #done: Done | undefined;
  #wake = new AbortController();
  /** How each reading began. */
  readonly queries: LogStreamQuery[] = [];

  append(count: number): void {
    for (let added = 0; added < count; added += 1) {
      const seq = this.#records.length + 1;
      this.#records.push(new LogRecord(EPOCH, seq, JSON.stringify(entryOf(seq))));
    }
    this.#changed();
  }

  finish(done: Done): void {
    this.#done = done;
    this.#changed();
  }

  async *follow(query: LogStreamQuery, signal: AbortSignal): AsyncGenerator<FeedBatch> {
    this.queries.push(query);
    const cursor = parseCursor(query.cursor ?? '');
    if (cursor?.done === true) return;
    let seq = cursor?.seq ?? Math.max(0, this.#records.length - query.tail);
    const place = () => formatCursor({ epoch: EPOCH, seq, done: false });
    yield [{ kind: 'status', cursor: place(), status: { phase: 'provisioning', message: 'launching' } }];
    while (!signal.aborted) {
      const wake = this.#wake.signal;
      const items = this.#records.slice(seq).map((record): FeedItem => {
        seq = record.seq;
        return { kind: 'log', cursor: place(), record };
      });
      if (items.length > 0) yield items;
      if (this.#done !== undefined && seq === this.#records.length) {
        const cursorDone = formatCursor({ epoch: EPOCH, seq, done: true });
        yield [{ kind: 'done', cursor: cursorDone, done: this.#done, final: true }];
        return;
      }
      await Promise.race([aborted(wake), aborted(signal)]);
    }
  }

  #changed(): void {
    this.#wake.abort();
    this.#wake = new AbortController();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
