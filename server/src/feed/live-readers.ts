import type { FeedBatch } from './feed-item.js';
import type { LogReader } from './log-reader.js';
import type { EntryFilter } from './entry-filter.js';
import { TURN_STEPS_MAX } from './line-expression.js';
import { filterCost, seqBefore } from './prepared-items.js';

interface ReaderGroup {
  readonly filter: EntryFilter;
  readonly readers: Set<LogReader>;
}

/**
 * The readers at the head, grouped by filter: each filter runs once per batch, however many readers share it. See decision
 * 11.
 */
export class LiveReaders {
  /** Nearly all readers want everything. */
  readonly #unfiltered = new Set<LogReader>();
  readonly #groups = new Map<string, ReaderGroup>();

  add(reader: LogReader): void {
    const { filter } = reader;
    if (filter === undefined) return void this.#unfiltered.add(reader);
    const group = this.#groups.get(filter.key) ?? { filter, readers: new Set() };
    this.#groups.set(filter.key, group);
    group.readers.add(reader);
  }

  delete(reader: LogReader): void {
    const { filter } = reader;
    if (filter === undefined) return void this.#unfiltered.delete(reader);
    const group = this.#groups.get(filter.key);
    if (group?.readers.delete(reader) && group.readers.size === 0) this.#groups.delete(filter.key);
  }

  all(): readonly LogReader[] {
    return [...this.#unfiltered, ...[...this.#groups.values()].flatMap(({ readers }) => [...readers])];
  }

  get size(): number {
    let { size } = this.#unfiltered;
    for (const { readers } of this.#groups.values()) size += readers.size;
    return size;
  }

  /**
   * The hot path: one call per reader, nothing else. Readers may leave while it runs. Returns how many items were handed
   * over.
   */
  push(batch: FeedBatch): number {
    let delivered = batch.length * this.#unfiltered.size;
    for (const reader of this.#unfiltered) reader.offer(batch);
    if (this.#groups.size === 0) return delivered;
    for (const { wanted, readers } of this.#wanted(batch)) {
      delivered += wanted.length * readers.size;
      if (wanted.length > 0) for (const reader of readers) reader.offer(wanted);
    }
    return delivered;
  }

  /** The same, followed by the end of the log. Returns the readers that were offered it. */
  pushLast(batch: FeedBatch, done: FeedBatch): readonly LogReader[] {
    const reached = [...this.#unfiltered];
    const all = [...batch, ...done];
    for (const reader of reached) reader.offer(all);
    for (const { wanted, readers } of this.#wanted(batch)) {
      const last = [...wanted, ...done];
      reached.push(...readers);
      for (const reader of readers) reader.offer(last);
    }
    return reached;
  }

  /**
   * Yields what each group with a filter gets. Once the expressions cost more than one turn of the event loop, the remaining groups step
   * back and catch up in later turns.
   */
  *#wanted(batch: FeedBatch) {
    const before = seqBefore(batch);
    let steps = 0;
    for (const { filter, readers } of this.#groups.values()) {
      steps += filterCost(filter, batch);
      if (steps <= TURN_STEPS_MAX || before === undefined)
        yield { wanted: filterBatch(batch, filter), readers };
      else for (const reader of readers) reader.stepBack(before);
    }
  }
}

/** Items that are not entries concern every reader. */
function filterBatch(batch: FeedBatch, filter: EntryFilter): FeedBatch {
  return batch.filter((item) => item.kind !== 'log' || filter.matches(item.record.entry));
}
