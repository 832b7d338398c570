import type { LogEntry } from '@launchlog/shared/log-entry';
import { parseAnsi } from '../../ansi/ansi-text.js';
import type { BufferItem, LogLine, LogRow } from '../line/log-row.js';
import { foldCarriageReturns, progressBarKey } from '../line/progress-bar.js';
import { LineGroups } from './line-groups.js';

/** Maximum number of rows on a page. Beyond it the oldest tenth is dropped. */
const BUFFER_CAP_ROWS = 200_000;
const DROP_SHARE = 0.1;

/** The changes that one append made to the rows. */
interface BufferChange {
  /** Rows appended after all existing ones. */
  readonly added: readonly LogRow[];
  /** Existing lines whose text was replaced. */
  readonly revised: readonly LogLine[];
  /** The oldest rows were dropped, so every index has changed. */
  readonly dropped: boolean;
  /** Lines that were there before have become part of a list. */
  readonly regrouped: boolean;
}

interface Tail {
  readonly line: LogLine;
  /** Set if the node's last line is a progress bar. */
  readonly barKey: string | undefined;
}

/** The rows of one or more logs in order of arrival. The states of a progress bar are folded into one line. */
export class LogBuffer {
  readonly #capRows: number;
  #rows: LogRow[] = [];
  #droppedRows = 0;
  #marks = 0;
  #nextId: number;
  #tails = new Map<string, Tail>();
  #groups = new LineGroups();

  /** `earlierRows`: how many ids are reserved for rows before the first one. */
  constructor(capRows: number = BUFFER_CAP_ROWS, earlierRows = 0) {
    this.#capRows = capRows;
    this.#nextId = 1 + earlierRows;
  }

  get rows(): readonly LogRow[] {
    return this.#rows;
  }

  /** How many of the rows are marks. */
  get marks(): number {
    return this.#marks;
  }

  /** Number of lines dropped so far. */
  get droppedRows(): number {
    return this.#droppedRows;
  }

  append(items: readonly BufferItem[]): BufferChange {
    const revised = new Set<LogLine>();
    const added = this.#rowsOf(items, revised);
    let regrouped = false;
    for (const row of added) {
      this.#rows.push(row);
      if (row.kind === 'line' && this.#groups.add(row)) regrouped = true;
    }
    return { added, revised: [...revised], dropped: this.#drop(), regrouped };
  }

  /**
   * Puts the newest of the items before the first row: as many as the constructor reserved ids for, and as fit. Can be called
   * once.
   */
  prepend(items: readonly BufferItem[]): readonly LogRow[] {
    const firstId = this.#rows[0]?.id ?? this.#nextId;
    const room = Math.max(0, Math.min(firstId - 1, this.#capRows - this.#rows.length));
    const kept = room === 0 ? [] : items.slice(-room);
    const [nextId, tails, groups] = [this.#nextId, this.#tails, this.#groups];
    [this.#nextId, this.#tails, this.#groups] = [firstId - kept.length, new Map(), new LineGroups()];
    const added = this.#rowsOf(kept, new Set());
    for (const row of added) if (row.kind === 'line') this.#groups.add(row);
    [this.#nextId, this.#tails, this.#groups] = [nextId, tails, groups];
    this.#rows = [...added, ...this.#rows];
    return added;
  }

  #rowsOf(items: readonly BufferItem[], revised: Set<LogLine>): LogRow[] {
    return items.flatMap(
      (item) =>
        (item.kind === 'mark' ? this.#mark(item) : this.#line(item.nodeId, item.entry, revised)) ?? [],
    );
  }

  #mark(item: Extract<BufferItem, { kind: 'mark' }>): LogRow {
    const timeMs = this.#tails.get(item.nodeId)?.line.timeMs ?? this.#rows.at(-1)?.timeMs ?? 0;
    // The next state of a bar must not be folded into a line above the mark.
    const tail = this.#tails.get(item.nodeId);
    if (tail !== undefined) this.#tails.set(item.nodeId, { line: tail.line, barKey: undefined });
    this.#marks += 1;
    return { ...item, id: this.#nextId++, timeMs };
  }

  #line(nodeId: string, entry: LogEntry, revised: Set<LogLine>): LogLine | undefined {
    const { message, folded } = foldCarriageReturns(entry.message);
    const { text, runs } = parseAnsi(message);
    const tail = this.#tails.get(nodeId);
    const barKey = progressBarKey(text);
    if (tail !== undefined && barKey !== undefined && continues(tail, barKey, entry)) {
      const { line } = tail;
      Object.assign(line, { entry, text, styles: runs, folded: line.folded + folded + 1 });
      line.revision += 1;
      revised.add(line);
      return undefined;
    }
    const line: LogLine = {
      kind: 'line',
      id: this.#nextId++,
      nodeId,
      entry,
      text,
      styles: runs,
      timeMs: Math.max(Date.parse(entry.timestamp), tail?.line.timeMs ?? 0),
      firstSeq: entry.seq,
      folded,
      revision: 0,
      phaseGroup: 0,
      packageGroup: 0,
    };
    this.#tails.set(nodeId, { line, barKey });
    return line;
  }

  #drop(): boolean {
    if (this.#rows.length <= this.#capRows) return false;
    const keep = Math.floor(this.#capRows * (1 - DROP_SHARE));
    const droppedMarks = this.#rows.slice(0, -keep).filter((row) => row.kind === 'mark').length;
    this.#marks -= droppedMarks;
    this.#droppedRows += this.#rows.length - keep - droppedMarks;
    this.#rows = this.#rows.slice(-keep);
    const firstId = this.#rows[0]?.id ?? this.#nextId;
    for (const [nodeId, { line }] of this.#tails) if (line.id < firstId) this.#tails.delete(nodeId);
    return true;
  }
}

function continues(tail: Tail, barKey: string, entry: LogEntry): boolean {
  const before = tail.line.entry;
  return (
    tail.barKey === barKey &&
    before.source === entry.source &&
    before.phase === entry.phase &&
    before.level === entry.level
  );
}
