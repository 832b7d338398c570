import type { FeedEnd, FeedItem } from '@launchlog/server/feed/feed-item';
import type { StreamHandle } from '@launchlog/server/feed/feed-item';
import type { MergedFeed } from '@launchlog/server/merged-feed/merged-feed';
import type { MergedBatch, MergedItem, MergedSink } from '@launchlog/server/merged-feed/merged-item';
import type { NodeOwner } from '@launchlog/server/node-owner';
import { mergedStreamQuerySchema, type MergedStreamQueryInput } from '@launchlog/shared/merged-log';

type NodeItem = Extract<MergedItem, { kind: 'node' }>;

interface MergedProbeOptions extends MergedStreamQueryInput {
  readonly scope?: NodeOwner;
  readonly caller?: string;
  /** Batches taken before the sink is full. */
  readonly room?: number;
}

/** A reader of many logs that keeps all it gets, and can be as slow as a test needs. */
export class MergedProbe implements MergedSink {
  readonly items: MergedItem[] = [];
  ended: FeedEnd | undefined;
  #room: number;
  #reader: StreamHandle | undefined;

  constructor(room = Infinity) {
    this.#room = room;
  }

  static attach(feed: MergedFeed, options: MergedProbeOptions = {}): MergedProbe {
    const { room, caller = 'test', scope = {}, ...query } = options;
    const probe = new MergedProbe(room);
    probe.#reader = feed.attach({ caller, scope, query: mergedStreamQuerySchema.parse(query), sink: probe });
    return probe;
  }

  push(batch: MergedBatch): boolean {
    if (this.ended !== undefined) throw new Error('pushed after the end');
    if (this.#room <= 0) throw new Error('pushed although full');
    this.items.push(...batch);
    this.#room -= 1;
    return this.#room > 0;
  }

  end(reason: FeedEnd): void {
    if (this.ended !== undefined) throw new Error('ended twice');
    this.ended = reason;
  }

  makeRoom(batches = Infinity): void {
    this.#room += batches;
    this.#reader?.resume();
  }

  close(): void {
    this.#reader?.close();
  }

  get nodeItems(): NodeItem[] {
    return this.items.filter((item): item is NodeItem => item.kind === 'node');
  }

  ofKind<Kind extends FeedItem['kind']>(
    kind: Kind,
  ): { nodeId: string; cursor: string; item: Extract<FeedItem, { kind: Kind }> }[] {
    return this.nodeItems.flatMap(({ nodeId, cursor, item }) =>
      item.kind === kind ? [{ nodeId, cursor, item: item as Extract<FeedItem, { kind: Kind }> }] : [],
    );
  }

  /** `<node>:<seq>` of every entry, in the order in which they came. */
  get entries(): string[] {
    return this.ofKind('log').map(({ nodeId, item }) => `${nodeId}:${item.record.seq}`);
  }

  get times(): string[] {
    return this.ofKind('log').map(({ item }) => item.record.entry.timestamp);
  }

  /** What was announced about history, with its number. */
  get history(): string[] {
    return this.items.flatMap((item) =>
      item.kind === 'notice' && item.notice.code.startsWith('history_')
        ? [`${item.notice.code} ${item.notice.count}`]
        : [],
    );
  }

  get notices(): string[] {
    return this.items.flatMap((item) => (item.kind === 'notice' ? [item.notice.code] : []));
  }

  /** The numbers of live nodes that were reported as not shown. */
  get beyond(): (number | undefined)[] {
    return this.items.flatMap((item) =>
      item.kind === 'notice' && item.notice.code === 'nodes_waiting' ? [item.notice.count] : [],
    );
  }

  /** Where a client would resume that saw the first `items` entries. */
  cursorAfter(entries: number): string {
    const cursor = this.ofKind('log')[entries - 1]?.cursor;
    if (cursor === undefined) throw new Error(`there are no ${entries} entries`);
    return cursor;
  }

  get cursor(): string {
    const cursor = this.items.at(-1)?.cursor;
    if (cursor === undefined) throw new Error('nothing was delivered');
    return cursor;
  }
}
