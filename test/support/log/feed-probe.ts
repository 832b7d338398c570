import type { FeedBatch, FeedEnd, FeedItem, FeedReader, FeedSink } from '@launchlog/server/feed/feed-item';
import type { LogFeed } from '@launchlog/server/feed/log-feed';
import { parseCursor } from '@launchlog/shared/cursor';
import type { Done, Gap, Reset } from '@launchlog/shared/event';
import { logStreamQuerySchema, type LogStreamQueryInput } from '@launchlog/shared/log-query';

interface FeedProbeOptions {
  /** Batches taken before the sink is full. */
  readonly room?: number;
}

/** A reader that keeps all it gets, and can be as slow as a test needs. */
export class FeedProbe implements FeedSink {
  readonly batches: FeedBatch[] = [];
  ended: FeedEnd | undefined;
  /** How far its client has come. */
  taken = 0;
  #room: number;
  #reader: FeedReader | undefined;

  constructor(options: FeedProbeOptions = {}) {
    this.#room = options.room ?? Infinity;
  }

  static attach(
    feed: LogFeed,
    nodeId: string,
    options: LogStreamQueryInput & FeedProbeOptions = {},
  ): FeedProbe {
    const { room, ...query } = options;
    const probe = new FeedProbe(room === undefined ? {} : { room });
    probe.#reader = feed.attach({ nodeId, query: logStreamQuerySchema.parse(query), sink: probe });
    return probe;
  }

  push(batch: FeedBatch): boolean {
    if (this.ended !== undefined) throw new Error('pushed after the end');
    if (this.#room <= 0) throw new Error('pushed although full');
    this.batches.push(batch);
    this.#room -= 1;
    return this.#room > 0;
  }

  progress(): number {
    return this.taken;
  }

  end(reason: FeedEnd): void {
    if (this.ended !== undefined) throw new Error('ended twice');
    this.ended = reason;
  }

  /** Room for this number of further batches. */
  makeRoom(batches = Infinity): void {
    this.#room += batches;
    this.#reader?.resume();
  }

  close(): void {
    this.#reader?.close();
  }

  get items(): FeedItem[] {
    return this.batches.flat();
  }

  get seqs(): number[] {
    return this.items.flatMap((item) => (item.kind === 'log' ? [item.record.seq] : []));
  }

  get messages(): string[] {
    return this.items.flatMap((item) => (item.kind === 'log' ? [item.record.entry.message] : []));
  }

  get gaps(): Gap[] {
    return this.items.flatMap((item) => (item.kind === 'gap' ? [item.gap] : []));
  }

  get resets(): Reset[] {
    return this.items.flatMap((item) => (item.kind === 'reset' ? [item.reset] : []));
  }

  get dones(): { done: Done; final: boolean; cursor: string }[] {
    return this.items.flatMap((item) => (item.kind === 'done' ? [item] : []));
  }

  get notices(): string[] {
    return this.items.flatMap((item) => (item.kind === 'notice' ? [item.notice.code] : []));
  }

  get kinds(): string[] {
    return this.items.map(({ kind }) => kind);
  }

  /** Where a client would resume. */
  get cursor(): string {
    const last = this.items.at(-1)?.cursor;
    if (last === undefined) throw new Error('nothing was delivered');
    return last;
  }
}

/**
 * Holds what a reader got against the contract: in order, no repeat, no hole that was not announced, and after a reset
 * nothing but entries of the epoch that it named. Filters make holes.
 */
export function expectContinuous(items: readonly FeedItem[], from?: string): void {
  const start = from === undefined ? undefined : parseCursor(from);
  let place = start && { epoch: start.epoch, seq: start.seq };
  let named: string | undefined;
  for (const item of items) {
    const cursor = parseCursor(item.cursor);
    if (cursor === undefined) throw new Error(`no cursor: ${item.cursor}`);
    if (item.kind === 'reset') {
      place = undefined;
      named = item.reset.epoch;
    } else if (item.kind === 'gap') {
      if (place !== undefined && item.gap.from_seq !== place.seq + 1) {
        throw new Error(`the gap begins at ${item.gap.from_seq}, the reader was at ${place.seq}`);
      }
      place = { epoch: cursor.epoch, seq: item.gap.to_seq };
    } else if (item.kind === 'log') {
      const { seq, epoch } = item.record;
      const unborn = place?.seq === 0;
      if (named !== undefined && epoch !== named)
        throw new Error(`got ${epoch}:${seq} after a reset to ${named}`);
      if (place !== undefined && (seq !== place.seq + 1 || (epoch !== place.epoch && !unborn))) {
        throw new Error(`got ${epoch}:${seq} after ${place.epoch}:${place.seq}`);
      }
      place = { epoch, seq };
    }
  }
}
