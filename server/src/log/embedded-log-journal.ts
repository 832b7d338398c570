import { damagedLine, isDamagedLine } from './damage/damaged-line.js';
import { isBefore, parseChange } from './embedded-log-change.js';
import type { LogChange, LogMark, LogRecordOfChange } from './embedded-log-change.js';
import { fileLines, type FileLine } from './embedded-log-line.js';

/** The content of a log's file. */
export interface ReadJournal {
  /** Changes, oldest first. Damaged lines replace entries that are lost to damage. */
  readonly records: readonly LogRecordOfChange[];
  /** Something that was acknowledged is missing or out of place. */
  readonly damaged: boolean;
  /** Nothing is missing, but the file has to be written again before it is appended to. */
  readonly untidy: boolean;
  /** The end of the log is known, so that no number is used twice in its epoch. */
  readonly hasEnd: boolean;
  /** The number of the last change. */
  readonly n: number;
}

/** What is known of the log besides its file. */
interface JournalContext {
  readonly mark: LogMark | undefined;
  /** Taken for the time of a change whose own time is lost. Milliseconds since 1970. */
  readonly at: number;
}

/** Damaged lines that are put into one hole, at most; of a longer one, the older entries count as trimmed. */
const HOLE_MAX = 1_000_000;
/** A file without checksums may hold any number; one that leaves out more entries than these is wrong. */
const UNSEALED_HOLE_MAX = 100_000;
/** The epoch of a log of version 0.1.0 whose first change is lost. No log draws it. */
const LOST_EPOCH = 'f'.repeat(16);

type Append = Extract<LogChange, { op: 'append' }>;
type Filled = Extract<LogChange, { op: 'append' | 'state' }>;

/** Entries that are being collected for a change; without a change, those whose change is lost. */
interface Body {
  readonly change: Filled | undefined;
  readonly from: number;
  readonly lines: (string | undefined)[];
}

/**
 * Reads the file of a log. A damaged line costs only its own content: checksums show which lines are sound, entries have
 * their seq, and the mark shows how far the log went. See decision 113.
 */
export function readJournal(content: Buffer, context: JournalContext): ReadJournal {
  const reader = new JournalReader(context);
  const lines = [...fileLines(content)];
  for (const { line } of lines) reader.learnEpoch(line);
  for (const { line, cut } of lines) reader.take(line, cut);
  return reader.end();
}

class JournalReader {
  readonly #mark: LogMark | undefined;
  readonly #records: LogRecordOfChange[] = [];
  /** Every epoch that the file names, so that the entries of each can be distinguished. */
  readonly #epochs = new Set<string>();
  /** Epochs whose logs have ended. */
  readonly #former = new Set<string>();
  /** Damaged lines by their seq: the entries that they replace may still be found. */
  readonly #missed = new Map<number, { readonly lines: string[]; readonly index: number }>();
  #epoch: string | undefined;
  #lastSeq = 0;
  #n = 0;
  #at: number;
  #body: Body | undefined;
  #damaged = false;
  #untidy = false;
  /** The last change has no checksum: version 0.1.0 wrote it, and its entries have none either. */
  #old = false;

  constructor({ mark, at }: JournalContext) {
    this.#mark = mark;
    this.#at = at;
    if (mark !== undefined) this.#epochs.add(mark.epoch);
  }

  learnEpoch(line: FileLine): void {
    const change = line.holds() ? parseChange(line.body) : undefined;
    if (change !== undefined && 'epoch' in change && change.epoch !== undefined)
      this.#epochs.add(change.epoch);
  }

  /** `cut`: the file ends in the middle of this line, or right after it. */
  take(line: FileLine, cut: boolean): void {
    if (cut) this.#untidy = true;
    const { seq } = line;
    if (seq === undefined) return this.#takeChange(line, cut);
    const epoch = this.#epochOf(line);
    if (epoch === undefined) return this.#miss(cut);
    if (epoch !== this.#epoch) {
      if (this.#isStale(epoch)) return this.#miss(false);
      this.#beginLost(epoch, seq);
    }
    this.#takeEntry(seq, line.body);
  }

  /** The mark's log is the last one: where lines have changed places, entries of others do not end it. */
  #isStale(epoch: string): boolean {
    const { epoch: last, n = 0 } = this.#mark ?? {};
    return last !== epoch && (this.#former.has(epoch) || (last === this.#epoch && this.#n <= n));
  }

  end(): ReadJournal {
    if (this.#neverAcknowledged()) {
      this.#n -= 1;
      this.#body = undefined;
      this.#untidy = true;
    }
    this.#finishBody();
    this.#continueToMark();
    const hasEnd = this.#mark !== undefined && !this.#old;
    const state = { damaged: this.#damaged, untidy: this.#untidy || this.#old, hasEnd, n: this.#n };
    return { records: this.#records, ...state };
  }

  #takeChange(line: FileLine, cut: boolean): void {
    const change = line.holds() || !line.sealed ? parseChange(line.body) : undefined;
    if (change === undefined) return this.#miss(cut && line.looksWritten);
    if (!this.#follows(change)) return this.#miss(false);
    this.#finishBody();
    const jumps = change.n !== undefined && change.n !== this.#n + 1;
    if (jumps && !(change.op === 'state' && this.#n === 0)) this.#damaged = true;
    this.#n = change.n ?? this.#n + 1;
    this.#at = change.at;
    this.#old = !line.sealed;
    this.#place(change);
  }

  #place(change: LogChange): void {
    // Behind entries of its own epoch, a first change adds nothing to what it is known by already.
    const isLate = 'epoch' in change && change.epoch === this.#epoch;
    if (change.op === 'begin' && isLate) return;
    if (change.op === 'state' && isLate) return this.#collect({ ...change, op: 'append' });
    if (change.op === 'begin' || change.op === 'state') {
      this.#setEpoch(change.epoch);
      this.#lastSeq = change.op === 'begin' ? 0 : change.last_seq - change.count;
    }
    if (change.op === 'append') this.#bridge(change);
    if ('count' in change) this.#collect(change);
    else this.#records.push({ change, lines: [] });
  }

  #collect(change: Filled): void {
    // Entries may also come before their change, if a part of the file is repeated.
    const last_seq = Math.max(change.last_seq, this.#lastSeq);
    const count = Math.min(change.count, last_seq - this.#lastSeq);
    const lines = Array.from({ length: count }, () => undefined);
    this.#body = { change: { ...change, last_seq, count }, from: last_seq - count + 1, lines };
    if (count === 0) this.#finishBody();
  }

  /** False for a repeated change, and for one that is out of place. */
  #follows(change: LogChange): boolean {
    if (this.#mark?.epoch === this.#epoch && this.#mark && isBefore(change, this.#mark)) return false;
    if (change.n !== undefined) return change.n > this.#n;
    const isFilled = 'count' in change;
    if (isFilled && change.count > Math.min(change.last_seq, UNSEALED_HOLE_MAX)) return false;
    if (change.op !== 'append' || this.#epoch === undefined) return true;
    const hole = change.last_seq - change.count - this.#reached;
    return hole >= 0 && hole <= UNSEALED_HOLE_MAX;
  }

  /** The last entry so far, including those that are still to come for the present change. */
  get #reached(): number {
    const { change, from = this.#lastSeq + 1, lines = [] } = this.#body ?? {};
    return change?.last_seq ?? from + lines.length - 1;
  }

  /** Fills what is missing between the entries so far and those of the next change. */
  #bridge({ epoch, last_seq, count }: Append): void {
    const first = last_seq - count + 1;
    const named = epoch ?? this.#epoch ?? LOST_EPOCH;
    if (named !== this.#epoch) this.#beginLost(named, first);
    this.#fillTo(first - 1);
  }

  /** The change that began this epoch is lost. `seq` is that of the first entry that is left of it. */
  #beginLost(epoch: string, seq: number): void {
    this.#finishBody();
    this.#damaged = true;
    const known = this.#mark?.epoch === epoch ? this.#mark : undefined;
    // Where the file begins in the middle of a log, what was before may have been trimmed. The mark shows what was held.
    const before = known === undefined ? (this.#epoch === undefined ? seq : 1) : known.first_seq;
    this.#lastSeq = Math.min(seq, before) - 1;
    this.#setEpoch(epoch);
    const { attempt = 0, began = 'lost' } = known ?? {};
    this.#records.push({ change: { op: 'begin', at: this.#at, epoch, attempt, began }, lines: [] });
  }

  #setEpoch(epoch: string): void {
    if (this.#epoch !== undefined) this.#former.add(this.#epoch);
    this.#former.delete(epoch);
    this.#missed.clear();
    this.#epoch = epoch;
  }

  /** The epoch whose log the entry is of; undefined where it is not sound. */
  #epochOf(line: FileLine): string | undefined {
    if (!line.sealed) {
      const isOld = this.#old || this.#n === 0;
      return isOld && line.isJson ? (this.#epoch ?? LOST_EPOCH) : undefined;
    }
    const present = this.#epoch;
    if (present !== undefined && line.holds(present)) return present;
    return [...this.#epochs].find((epoch) => epoch !== present && line.holds(epoch));
  }

  #takeEntry(seq: number, json: string): void {
    if (seq > this.#reached) {
      // Its change is lost.
      const continues = this.#body !== undefined && this.#body.change === undefined;
      if (!continues || seq > this.#reached + 1) this.#collectWithoutChange(seq);
      this.#damaged = true;
    }
    const { from = seq + 1, lines = [] } = this.#body ?? {};
    const missing = this.#missed.get(seq);
    if (seq >= from && lines[seq - from] === undefined) lines[seq - from] = json;
    else {
      // It is repeated, or out of order.
      this.#damaged = true;
      if (missing !== undefined) missing.lines[missing.index] = json;
    }
  }

  #collectWithoutChange(seq: number): void {
    this.#finishBody();
    this.#fillTo(seq - 1);
    this.#body = { change: undefined, from: seq, lines: [] };
  }

  #finishBody(): void {
    const body = this.#body;
    this.#body = undefined;
    if (body === undefined) return;
    const lines = Array.from(body.lines, (line, index) => line ?? this.#missing(body.from + index));
    const { change = this.#appendOf(body.from, lines) } = body;
    this.#push(change, lines);
  }

  #fillTo(seq: number): void {
    if (seq <= this.#lastSeq) return;
    const from = Math.max(this.#lastSeq + 1, seq - HOLE_MAX + 1);
    const lines = Array.from({ length: seq - from + 1 }, (_, index) => this.#missing(from + index));
    this.#push(this.#appendOf(from, lines), lines);
  }

  #missing(seq: number): string {
    this.#damaged = true;
    const { epoch, last_seq, terminal } = this.#mark ?? {};
    return epoch === this.#epoch && last_seq === seq && terminal !== undefined ? terminal : damagedLine(seq);
  }

  #appendOf(from: number, { length }: { readonly length: number }): Append {
    return { op: 'append', at: this.#at, last_seq: from + length - 1, count: length, closed: false };
  }

  #push(change: Filled, lines: string[]): void {
    for (const [index, line] of lines.entries()) {
      if (isDamagedLine(line)) this.#missed.set(change.last_seq - lines.length + 1 + index, { lines, index });
    }
    this.#records.push({ change, lines });
    this.#lastSeq = change.last_seq;
  }

  /** The file ends in the middle of a change that the mark does not know: a crash cut it short. */
  #neverAcknowledged(): boolean {
    const { change, lines = [] } = this.#body ?? {};
    if (change?.op !== 'append') return false;
    const sound = lines.findIndex((line) => line === undefined);
    const isPrefix = sound >= 0 && lines.slice(sound).every((line) => line === undefined);
    return isPrefix && (this.#mark === undefined ? sound === 0 : this.#mark.n < this.#n);
  }

  /** What the mark knows of the log and the file does not. */
  #continueToMark(): void {
    const mark = this.#mark;
    if (mark === undefined) return;
    const isSame = mark.epoch === this.#epoch;
    if (!(this.#old ? isSame && mark.last_seq > this.#lastSeq : mark.n > this.#n)) return;
    this.#damaged = true;
    this.#at = mark.at;
    if (!isSame) this.#beginLost(mark.epoch, mark.first_seq);
    this.#fillTo(mark.last_seq);
    const { epoch, attempt, closed, terminal } = mark;
    const facts = { epoch, attempt, closed, ...(terminal === undefined ? {} : { terminal }) };
    const end: Append = { op: 'append', at: mark.appended_at, last_seq: this.#lastSeq, count: 0, ...facts };
    this.#records.push({ change: end, lines: [] });
    const last: LogChange = mark.cleared ? { op: 'clear', at: mark.at } : { op: 'own', at: mark.at, attempt };
    this.#records.push({ change: last, lines: [] });
    this.#n = mark.n;
  }

  #miss(harmless: boolean): void {
    this.#damaged ||= !harmless;
  }
}
