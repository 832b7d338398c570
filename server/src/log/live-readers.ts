import type { FeedBatch } from './feed-item.js';
import type { LogReader } from './log-reader.js';
import type { LogSearch } from './log-search.js';

interface Group {
  readonly search: LogSearch | undefined;
  readonly readers: Set<LogReader>;
}

/** The readers that are at the head, by what they filter: each filter looks at a batch once, whatever their number. */
export class LiveReaders {
  readonly #groups = new Map<string, Group>();

  add(reader: LogReader): void {
    const key = reader.search?.key ?? '';
    const group = this.#groups.get(key) ?? { search: reader.search, readers: new Set() };
    this.#groups.set(key, group);
    group.readers.add(reader);
  }

  delete(reader: LogReader): void {
    const key = reader.search?.key ?? '';
    const group = this.#groups.get(key);
    if (group?.readers.delete(reader) && group.readers.size === 0) this.#groups.delete(key);
  }

  all(): readonly LogReader[] {
    return [...this.#groups.values()].flatMap(({ readers }) => [...readers]);
  }

  /** The hot path: one call a reader, nothing else. Readers leave while it runs. */
  push(batch: FeedBatch): void {
    for (const { search, readers } of this.#groups.values()) {
      const wanted = search === undefined ? batch : filterBatch(batch, search);
      if (wanted.length > 0) for (const reader of readers) reader.offer(wanted);
    }
  }

  /** The same with the end behind it; answers who got it. */
  pushLast(batch: FeedBatch, done: FeedBatch): readonly LogReader[] {
    const reached = this.all();
    for (const { search, readers } of this.#groups.values()) {
      const wanted = search === undefined ? batch : filterBatch(batch, search);
      const last = [...wanted, ...done];
      for (const reader of readers) reader.offer(last);
    }
    return reached;
  }
}

/** What is not an entry concerns everybody. */
function filterBatch(batch: FeedBatch, search: LogSearch): FeedBatch {
  return batch.filter((item) => item.kind !== 'log' || search.matches(item.record.entry));
}
