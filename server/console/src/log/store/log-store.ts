import type { LogLevel } from '@launchlog/shared/log-entry';
import type { FrameScheduler } from '../../state/frame-scheduler.js';
import type { BufferItem, LogFold, LogLine, LogRow, ShownRow } from '../line/log-row.js';
import { FoldedRows, type FoldName } from './folded-rows.js';
import { LogBuffer } from './log-buffer.js';
import type { RowFilter } from './row-filter.js';
import { isFiltering, SHOW_ALL, shows } from './row-filter.js';
import type { SearchStatus } from '../search/log-search.js';
import { LogSearch } from '../search/log-search.js';
import { firstAtLeast } from '../search/first-at-least.js';
import { MatchIndexes } from '../search/match-indexes.js';
import type { SearchQuery } from '../search/search-query.js';
import type { OpenSearchPort } from '../search/search-worker-protocol.js';

/** What the viewer draws: a new object for each change. Its arrays are internal ones of the store: read them only. */
export interface LogSnapshot {
  /** What is drawn: the rows that pass the filter, without those of closed groups, and the headings of groups. */
  readonly rows: readonly ShownRow[];
  /** The rows that pass the filter, folded or not. */
  readonly passed: readonly LogRow[];
  readonly totalRows: number;
  /** Lines of the log that pass the filter, folded or not, and lines that are held. Marks are not counted. */
  readonly shownLines: number;
  readonly totalLines: number;
  /** Lines that pass the filter and are not drawn, because their group is closed. */
  readonly foldedLines: number;
  /** There is a group that can be folded. */
  readonly canFold: boolean;
  /** Changes when rows were put before the first one. */
  readonly prepended: number;
  /** Number of rows ever added to `passed` by the log rather than by a change of the filter. */
  readonly arrivedRows: number;
  readonly droppedRows: number;
  readonly levelCounts: Readonly<Record<LogLevel, number>>;
  readonly firstTimeMs: number | undefined;
  /** The time of the last line, whether it is shown or not. */
  readonly lastTimeMs: number | undefined;
  readonly search: SearchStatus;
  /** Ascending indexes in `passed` of the lines that match the search. */
  readonly matches: readonly number[];
}

interface LogStoreOptions {
  readonly schedule: FrameScheduler;
  readonly openPort: OpenSearchPort;
  readonly capRows?: number;
  /** The log is that of one node, and each phase has a heading. */
  readonly hasPhases?: boolean;
  /** How many rows may be put before the first one. */
  readonly earlierRows?: number;
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
  #passed: LogRow[] = [];
  readonly #folded: FoldedRows;
  #shownMarks = 0;
  #arrivedRows = 0;
  #prepended = 0;
  #levelCounts = noLevels();
  #snapshot: LogSnapshot;

  constructor(options: LogStoreOptions) {
    this.#schedule = options.schedule;
    this.#buffer = new LogBuffer(options.capRows, options.earlierRows);
    this.#folded = new FoldedRows(options.hasPhases === true);
    this.#search = new LogSearch({
      openPort: options.openPort,
      onChange: (searched) => {
        this.#matches.update(this.#passed, searched);
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

  /** Puts items before the first row, as `LogBuffer.prepend` does. */
  prepend(items: readonly BufferItem[]): void {
    this.#absorb();
    const added = this.#buffer.prepend(items);
    if (added.length === 0) return;
    this.#count(items);
    this.#prepended += 1;
    this.#search.add(added);
    this.#refilter();
    this.#publish();
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
   * The index of a line among the rows that pass the filter, at or after `from`; undefined if there is none. The newest match
   * wins: a log that started over repeats its seqs.
   */
  indexOfSeq(seq: number, from = 0): number | undefined {
    for (let index = this.#passed.length - 1; index >= from; index -= 1) {
      const row = this.#passed[index];
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

  /** Whether a row passes the filter. */
  passes(row: LogRow): boolean {
    return shows(this.#filter, row);
  }

  /** Opens the groups of a line. Returns whether one was closed, so that other rows are drawn now. */
  reveal(row: LogRow): boolean {
    if (row.kind === 'mark' || !this.#folded.open(row)) return false;
    this.#refold();
    return true;
  }

  /** Opens or closes a group, which stays so as lines arrive. */
  fold(name: FoldName, isOpen: boolean): void {
    this.#folded.choose(name, isOpen);
    this.#refold();
  }

  /** Opens or closes all groups that there are. */
  foldAll(isOpen: boolean): void {
    for (const row of this.#passed) if (row.kind === 'line') this.#folded.chooseAll(row, isOpen);
    this.#refold();
  }

  /** How many lines of a group match the search. */
  matchesIn({ from, to }: LogFold): number {
    return this.#matches.countWithin(from, to);
  }

  /** The index of a row among those drawn; undefined if it is not drawn. */
  indexOfRow({ id }: Pick<LogRow, 'id'>): number | undefined {
    const { rows } = this.#folded;
    const index = firstAtLeast(rows.length, id, (at) => rows[at]?.id ?? 0);
    return rows[index]?.id === id ? index : undefined;
  }

  /** The line with this seq, whether it is shown or not, and as many lines of the same node before and after it. */
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
    const change = this.#buffer.append(items);
    this.#count(items);
    const added = this.#show(change.added);
    this.#arrivedRows += added.length;
    if (change.regrouped) this.#folded.rebuild(this.#passed);
    else this.#folded.add(added);
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

  /** Returns those of the rows that pass the filter. */
  #show(rows: readonly LogRow[]): readonly LogRow[] {
    const added = rows.filter((row) => shows(this.#filter, row));
    for (const row of added) {
      this.#passed.push(row);
      if (row.kind === 'mark') this.#shownMarks += 1;
    }
    return added;
  }

  #refold(): void {
    this.#folded.rebuild(this.#passed);
    this.#publish();
  }

  #refilter(): void {
    this.#passed = isFiltering(this.#filter)
      ? this.#buffer.rows.filter((row) => shows(this.#filter, row))
      : [...this.#buffer.rows];
    this.#shownMarks = this.#passed.filter((row) => row.kind === 'mark').length;
    this.#matches.rebuild(this.#passed);
    this.#folded.rebuild(this.#passed);
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
      rows: this.#folded.rows,
      passed: this.#passed,
      totalRows: this.#buffer.rows.length,
      shownLines: this.#passed.length - this.#shownMarks,
      totalLines: this.#buffer.rows.length - this.#buffer.marks,
      foldedLines: this.#folded.foldedLines,
      canFold: this.#folded.hasHeadings,
      prepended: this.#prepended,
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
