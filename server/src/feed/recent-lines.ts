import { logItems, standingOf, type LogFeedItem, type Standing } from './log-item.js';

/** Consecutive lines of one log. */
interface ArrivedLines {
  readonly epoch: string;
  readonly firstSeq: number;
  /** As stored. */
  readonly lines: readonly string[];
  /** That of the entry right before; undefined: not known. */
  readonly before: Standing | undefined;
}

/**
 * The last lines of a log, without holes and bounded. They serve readers that are a little behind. Lines are kept as stored, and
 * become items again for those readers: items of a thousand logs would outlive the garbage collector's young generation, to be
 * copied, marked and thrown away for readers that hardly ever come.
 */
export class RecentLines {
  readonly #bounds: { readonly maxItems: number; readonly maxBytes: number; readonly batchItems: number };
  #epoch = '';
  #lines: string[] = [];
  /** The standing after each line. Lines share one until it changes. */
  #standings: (Standing | undefined)[] = [];
  #first = 0;
  #firstSeq = 1;
  #before: Standing | undefined;
  /** Characters, which approximate bytes well enough for a bound. */
  #bytes = 0;
  /** Readers at the same position get the same array; valid until the next push. */
  readonly #batches = new Map<number, readonly LogFeedItem[]>();

  constructor(bounds: {
    readonly maxItems: number;
    readonly maxBytes: number;
    /** The maximum length of one batch. */
    readonly batchItems: number;
  }) {
    this.#bounds = bounds;
  }

  /** The lines must follow those that are held; `items` is what was made of them. */
  push({ epoch, firstSeq, lines, before }: ArrivedLines, items: readonly LogFeedItem[]): void {
    if (this.#batches.size > 0) this.#batches.clear();
    if (this.#lines.length === 0) {
      this.#epoch = epoch;
      this.#firstSeq = firstSeq;
      this.#before = before;
    }
    let standing = before;
    for (let index = 0; index < lines.length; index += 1) {
      const line = lines[index] ?? '';
      const record = items[index]?.record;
      if (record?.hasStanding === true) standing = standingOf(record.heading, standing);
      this.#lines.push(line);
      this.#standings.push(standing);
      this.#bytes += line.length;
    }
    this.#trim();
  }

  clear(): void {
    this.#lines = [];
    this.#standings = [];
    this.#first = 0;
    this.#bytes = 0;
    this.#batches.clear();
  }

  /** Items right after `seq`; undefined when they are not held. */
  after(seq: number): readonly LogFeedItem[] | undefined {
    const offset = seq + 1 - this.#firstSeq;
    if (offset < this.#first || offset >= this.#lines.length) return undefined;
    const batch = this.#batches.get(seq) ?? this.#itemsFrom(offset);
    this.#batches.set(seq, batch);
    return batch;
  }

  #itemsFrom(offset: number): readonly LogFeedItem[] {
    const lines = this.#lines.slice(offset, offset + this.#bounds.batchItems);
    const before = offset === 0 ? this.#before : this.#standings[offset - 1];
    return logItems({ epoch: this.#epoch, firstSeq: this.#firstSeq + offset, lines, before });
  }

  #trim(): void {
    const { maxItems, maxBytes } = this.#bounds;
    let gone = this.#lines[this.#first];
    while (gone !== undefined && (this.#lines.length - this.#first > maxItems || this.#bytes > maxBytes)) {
      this.#bytes -= gone.length;
      this.#first += 1;
      gone = this.#lines[this.#first];
    }
    if (this.#first <= maxItems) return;
    this.#before = this.#standings[this.#first - 1];
    this.#lines = this.#lines.slice(this.#first);
    this.#standings = this.#standings.slice(this.#first);
    this.#firstSeq += this.#first;
    this.#first = 0;
  }
}
