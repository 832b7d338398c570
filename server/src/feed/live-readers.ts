import type { FeedBatch } from './feed-item.js';
import type { LogReader } from './log-reader.js';
import type { EntryFilter } from './entry-filter.js';

interface Group {
  readonly filter: EntryFilter | undefined;
  readonly readers: Set<LogReader>;
}

/** The readers at the head, grouped by filter: each filter runs once a batch, however many share it. See decision 11. */
export class LiveReaders {
  readonly #groups = new Map<string, Group>();

  add(reader: LogReader): void {
    const key = reader.filter?.key ?? '';
    const group = this.#groups.get(key) ?? { filter: reader.filter, readers: new Set() };
    this.#groups.set(key, group);
    group.readers.add(reader);
  }

  delete(reader: LogReader): void {
    const key = reader.filter?.key ?? '';
    const group = this.#groups.get(key);
    if (group?.readers.delete(reader) && group.readers.size === 0) this.#groups.delete(key);
  }

  all(): readonly LogReader[] {
    return [...this.#groups.values()].flatMap(({ readers }) => [...readers]);
  }

  get size(): number {
    let size = 0;
    for (const { readers } of this.#groups.values()) size += readers.size;
    return size;
  }

  /** The hot path: one call a reader, nothing else. Readers may leave while it runs. Returns how many items were handed over. */
  push(batch: FeedBatch): number {
    let delivered = 0;
    for (const { filter, readers } of this.#groups.values()) {
      const wanted = filter === undefined ? batch : filterBatch(batch, filter);
      delivered += wanted.length * readers.size;
      if (wanted.length > 0) for (const reader of readers) reader.offer(wanted);
    }
    return delivered;
  }

  /** The same, followed by the end of the log. Returns the readers that were offered it. */
  pushLast(batch: FeedBatch, done: FeedBatch): readonly LogReader[] {
    const reached = this.all();
    for (const { filter, readers } of this.#groups.values()) {
      const wanted = filter === undefined ? batch : filterBatch(batch, filter);
      const last = [...wanted, ...done];
      for (const reader of readers) reader.offer(last);
    }
    return reached;
  }
}

/** Items that are not entries concern every reader. */
function filterBatch(batch: FeedBatch, filter: EntryFilter): FeedBatch {
  return batch.filter((item) => item.kind !== 'log' || filter.matches(item.record.entry));
}
