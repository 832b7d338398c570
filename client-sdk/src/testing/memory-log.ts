import { formatCursor, parseCursor, UNBORN_EPOCH } from '@launchlog/shared/cursor';
import type { Done, LogStreamEvent, Reset, StatusEvent } from '@launchlog/shared/event';
import type { LogEntry, LogEntryDraft } from '@launchlog/shared/log-entry';
import type { LogPage, LogQueryInput, LogStreamQueryInput } from '@launchlog/shared/log-query';
import { randomKey } from '../random-key.js';

/** Takes the events of one reader. */
interface LogSink {
  event(cursor: string, event: LogStreamEvent): void;
  end(): void;
}

type Filter = Pick<LogQueryInput, 'level' | 'phase' | 'source' | 'q'>;

const EPOCH_DIGITS = 16;
const TAIL = 100;
const PAGE = 1_000;

/** The log of one node with the contract of the server's: cursors, gaps, resets, one end. */
export class MemoryLog {
  readonly #readers = new Set<(item: LogEntry | Reset | Done) => void>();
  #epoch = randomKey().slice(0, EPOCH_DIGITS);
  #entries: LogEntry[] = [];
  #seq = 0;
  #done: Done | undefined;
  #status: StatusEvent = { phase: 'queued', progress: 0, message: '' };

  get status(): StatusEvent {
    return this.#status;
  }

  append(draft: LogEntryDraft): void {
    this.#seq += 1;
    const entry = { seq: this.#seq, timestamp: new Date().toISOString(), ...draft };
    this.#entries.push(entry);
    const { phase, progress = this.#status.progress, message } = draft;
    this.#status = { phase, message, ...(progress === undefined ? {} : { progress }) };
    for (const read of this.#readers) read(entry);
  }

  /** The entry that ends the log was appended; every reader gets this too. */
  finish(done: Done): void {
    this.#done = done;
    for (const read of this.#readers) read(done);
  }

  /** The oldest entries are no longer held. A reader that has not read them gets a `gap`. */
  trim(entries: number): void {
    this.#entries.splice(0, entries);
  }

  /** The log is gone, and a new one begins. */
  reset(reason: Reset['reason']): void {
    this.#epoch = randomKey().slice(0, EPOCH_DIGITS);
    this.#entries = [];
    this.#seq = 0;
    for (const read of this.#readers) read({ reason, epoch: this.#epoch });
  }

  page(nodeId: string, query: LogQueryInput): LogPage {
    const { place, entries } = this.#after(query.cursor);
    const matching = entries.filter((entry) => matches(entry, query));
    const isTail = query.cursor === undefined;
    const logs = isTail ? matching.slice(-(query.tail ?? TAIL)) : matching.slice(0, query.limit ?? PAGE);
    const isWhole = isTail || logs.length === matching.length;
    const seq = isWhole ? this.#seq : (logs.at(-1)?.seq ?? this.#seq);
    return { nodeId, count: logs.length, logs, nextCursor: this.#cursor(seq), ...place };
  }

  /** History, then what is new. The returned function ends the reading. */
  follow(query: LogStreamQueryInput, sink: LogSink): () => void {
    const cursor = query.cursor === undefined ? undefined : parseCursor(query.cursor);
    if (cursor?.done === true && cursor.epoch === this.#epoch && this.#done !== undefined) {
      this.#end(sink, this.#done);
      return () => undefined;
    }
    const { place, entries } = this.#after(query.cursor);
    sink.event(query.cursor ?? this.#cursor(0), { type: 'status', status: this.#status });
    if (place.gap !== undefined) sink.event(this.#cursor(place.gap.to_seq), { type: 'gap', gap: place.gap });
    if (place.reset !== undefined) sink.event(this.#cursor(0), { type: 'reset', reset: place.reset });
    const held = entries.filter((entry) => matches(entry, query));
    const tail = query.tail ?? TAIL;
    const shown = cursor === undefined ? (tail === 0 ? [] : held.slice(-tail)) : held;
    for (const entry of shown) this.#send(sink, entry);
    if (this.#done !== undefined || query.follow === false) {
      this.#end(sink, this.#done ?? { status: 'launching', message: 'Log stream complete (follow=false)' });
      return () => undefined;
    }
    return this.#listen(query, sink);
  }

  #listen(query: LogStreamQueryInput, sink: LogSink): () => void {
    const read = (item: LogEntry | Reset | Done): void => {
      if ('seq' in item) {
        if (matches(item, query)) this.#send(sink, item);
      } else if ('epoch' in item) sink.event(this.#cursor(0), { type: 'reset', reset: item });
      else this.#end(sink, item);
    };
    this.#readers.add(read);
    return () => void this.#readers.delete(read);
  }

  #send(sink: LogSink, entry: LogEntry): void {
    const cursor = this.#cursor(entry.seq);
    sink.event(cursor, { type: 'log', entry });
    const { phase, message, progress } = entry;
    sink.event(cursor, {
      type: 'status',
      status: { phase, message, ...(progress === undefined ? {} : { progress }) },
    });
  }

  #end(sink: LogSink, done: Done): void {
    const isFinal = this.#done !== undefined;
    sink.event(this.#cursor(this.#seq, isFinal), { type: 'done', done });
    sink.end();
  }

  /** The entries after a cursor, and what the reader must know of those it cannot have. */
  #after(text: string | undefined): { place: Pick<LogPage, 'gap' | 'reset'>; entries: readonly LogEntry[] } {
    const cursor = text === undefined ? undefined : parseCursor(text);
    if (cursor === undefined) return { place: {}, entries: this.#entries };
    const isOther = cursor.epoch !== this.#epoch && cursor.epoch !== UNBORN_EPOCH;
    if (isOther) return { place: { reset: { reason: 'lost', epoch: this.#epoch } }, entries: this.#entries };
    const first = this.#entries[0]?.seq ?? this.#seq + 1;
    const lost = first - 1 > cursor.seq;
    const gap = { from_seq: cursor.seq + 1, to_seq: first - 1, reason: 'trimmed' as const };
    return { place: lost ? { gap } : {}, entries: this.#entries.filter(({ seq }) => seq > cursor.seq) };
  }

  #cursor(seq: number, done = false): string {
    return formatCursor({ epoch: this.#epoch, seq, done });
  }
}

function matches(entry: LogEntry, { level, phase, source, q }: Filter): boolean {
  return (
    (level?.includes(entry.level) ?? true) &&
    (phase?.includes(entry.phase) ?? true) &&
    (source?.includes(entry.source) ?? true) &&
    (q === undefined || entry.message.toLowerCase().includes(q.toLowerCase()))
  );
}
