import type { LogLevel } from '@launchlog/shared/log-entry';
import type { FrameScheduler } from '../../state/frame-scheduler.js';
import type { BufferItem, LogLine, LogRow } from '../line/log-row.js';
import { LogBuffer } from './log-buffer.js';
import type { RowFilter } from './row-filter.js';
import { isFiltering, SHOW_ALL, shows } from './row-filter.js';
import type { SearchStatus } from '../search/log-search.js';
import { LogSearch } from '../search/log-search.js';
import { MatchIndexes } from '../search/match-indexes.js';
import type { SearchQuery } from '../search/search-query.js';
import type { OpenSearchPort } from '../search/search-worker-protocol.js';

/** What the viewer draws: a new object for each change. `rows` and `matches` are internal arrays of the store: read them only. */
export interface LogSnapshot {
  readonly rows: readonly LogRow[];
  readonly totalRows: number;
  /** Rows that are lines of the log: shown, and held. Marks are none. */
  readonly shownLines: number;
  readonly totalLines: number;
  /** Number of rows ever added to `rows` by the log rather than by a change of the filter. */
  readonly arrivedRows: number;
  readonly droppedRows: number;
  readonly levelCounts: Readonly<Record<LogLevel, number>>;
  readonly firstTimeMs: number | undefined;
  /** The time of the last line, whether it is shown or not. */
  readonly lastTimeMs: number | undefined;
  readonly search: SearchStatus;
  /** Ascending indexes in `rows` of the lines that match the search. */
  readonly matches: readonly number[];
}

interface LogStoreOptions {
  readonly schedule: FrameScheduler;
  readonly openPort: OpenSearchPort;
  readonly capRows?: number;
}

/** The data of one log view. All lines that arrive within one frame are published as one change. */
export class LogStore {
  readonly #schedule: FrameScheduler;
  readonly #buffer: LogBuffer;
  readonly #search: LogSearch;
  readonly #matches = new MatchIndexes((id) => this.#search.rangesOf(id) !== undefined);
  readonly #listeners = new Set<() => void>();
  #pending: BufferItem[] = [];
  #cancelFrame: (() => void) | undefined;
  #filter: RowFilter = SHOW_ALL;
  #visible: LogRow[] = [];
  #shownMarks = 0;
  #arrivedRows = 0;
  #levelCounts = noLevels();
  #snapshot: LogSnapshot;

  constructor(options: LogStoreOptions) {
    this.#schedule = options.schedule;
    this.#buffer = new LogBuffer(options.capRows);
    this.#search = new LogSearch({
      openPort: options.openPort,
      onChange: (searched) => {
        this.#matches.update(this.#visible, searched);
        this.#requestFrame();
      },
    });
    this.#snapshot = this.#createSnapshot();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getSnapshot = (): LogSnapshot => this.#snapshot;

  get search(): LogSearch {
    return this.#search;
  }

  push(items: readonly BufferItem[]): void {
    for (const item of items) this.#pending.push(item);
    this.#requestFrame();
  }

  setFilter(filter: RowFilter): void {
    this.#filter = filter;
    this.#refilter();
    this.#publish();
  }

  setQuery(query: SearchQuery): void {
    this.#matches.clear();
    this.#search.start(query, this.#buffer.rows);
  }

  /**
   * The index of a line among the shown rows, at or after `from`; undefined if it is not shown. The newest match wins: a log
   * that started over repeats its seqs.
   */
  indexOfSeq(seq: number, from = 0): number | undefined {
    for (let index = this.#visible.length - 1; index >= from; index -= 1) {
      const row = this.#visible[index];
      if (row?.kind === 'line' && row.firstSeq <= seq && seq <= row.entry.seq) return index;
    }
    return undefined;
  }

  /** The first error after the row with this id, whether it is shown or not; the very first one if none follows. */
  nextError(afterId: number): LogLine | undefined {
    const isError = (row: LogRow): row is LogLine => row.kind === 'line' && row.entry.level === 'error';
    const { rows } = this.#buffer;
    return rows.find((row): row is LogLine => row.id > afterId && isError(row)) ?? rows.find(isError);
  }

  /** The index of a row among the shown ones; undefined if it is not shown. */
  indexOfRow({ id }: Pick<LogRow, 'id'>): number | undefined {
    const index = this.#visible.findIndex((row) => row.id === id);
    return index < 0 ? undefined : index;
  }

  /** The line with this seq, whether it is shown or not, and up to so many of the same node before and after it. */
  linesAround(seq: number, before: number, after: number): readonly LogLine[] {
    const { rows } = this.#buffer;
    const at = rows.findLastIndex(
      (row) => row.kind === 'line' && row.firstSeq <= seq && seq <= row.entry.seq,
    );
    if (at < 0) return [];
    const isLine = (row: LogRow) => row.kind === 'line' && row.nodeId === rows[at]?.nodeId;
    const earlier = rows.slice(Math.max(0, at - before * 2), at).filter(isLine);
    const later = rows.slice(at, at + 1 + after * 2).filter(isLine);
    return [...earlier.slice(-before), ...later.slice(0, 1 + after)] as LogLine[];
  }

  close(): void {
    this.#cancelFrame?.();
    this.#cancelFrame = undefined;
    this.#search.close();
    this.#listeners.clear();
  }

  #requestFrame(): void {
    this.#cancelFrame ??= this.#schedule(() => {
      this.#cancelFrame = undefined;
      this.#absorb();
      this.#publish();
    });
  }

  #absorb(): void {
    if (this.#pending.length === 0) return;
    const items = this.#pending;
    this.#pending = [];
    const visibleBefore = this.#visible.length;
    const change = this.#buffer.append(items);
    this.#count(items);
    this.#show(change.added);
    this.#arrivedRows += this.#visible.length - visibleBefore;
    this.#search.add(change.added);
    this.#search.add(change.revised);
    if (change.dropped) this.#forgetDropped();
  }

  /** The buffer has dropped its oldest rows. */
  #forgetDropped(): void {
    this.#search.forget(this.#buffer.rows[0]?.id ?? 0);
    this.#recount();
    this.#refilter();
  }

  #show(rows: readonly LogRow[]): void {
    for (const row of rows) {
      if (!shows(this.#filter, row)) continue;
      this.#visible.push(row);
      if (row.kind === 'mark') this.#shownMarks += 1;
    }
  }

  #refilter(): void {
    this.#visible = isFiltering(this.#filter)
      ? this.#buffer.rows.filter((row) => shows(this.#filter, row))
      : [...this.#buffer.rows];
    this.#shownMarks = this.#visible.filter((row) => row.kind === 'mark').length;
    this.#matches.rebuild(this.#visible);
  }

  /** Counts entries rather than rows: every state of a folded progress bar counts. */
  #count(items: readonly BufferItem[]): void {
    for (const item of items) if (item.kind === 'entry') this.#levelCounts[item.entry.level] += 1;
  }

  #recount(): void {
    this.#levelCounts = noLevels();
    for (const row of this.#buffer.rows) if (row.kind === 'line') this.#levelCounts[row.entry.level] += 1;
  }

  #publish(): void {
    this.#snapshot = this.#createSnapshot();
    for (const listener of this.#listeners) listener();
  }

  #createSnapshot(): LogSnapshot {
    return {
      rows: this.#visible,
      totalRows: this.#buffer.rows.length,
      shownLines: this.#visible.length - this.#shownMarks,
      totalLines: this.#buffer.rows.length - this.#buffer.marks,
      arrivedRows: this.#arrivedRows,
      droppedRows: this.#buffer.droppedRows,
      levelCounts: { ...this.#levelCounts },
      firstTimeMs: this.#buffer.rows.find((row) => row.kind === 'line')?.timeMs,
      lastTimeMs: this.#buffer.rows.findLast((row) => row.kind === 'line')?.timeMs,
      search: this.#search.status,
      matches: this.#matches.indexes,
    };
  }
}

function noLevels(): Record<LogLevel, number> {
  return { debug: 0, info: 0, warn: 0, error: 0 };
}
