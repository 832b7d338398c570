import type { Notice } from '@launchlog/shared/event';
import { itemBytes } from '../feed/feed-item.js';
import type { FeedItem } from '../feed/feed-item.js';
import type { MergedItem } from './merged-item.js';
import type { MergedMembership } from './merged-membership.js';
import type { DeliveredMove } from './saved-position.js';

/** The most items of one push. */
const BATCH_ITEMS = 256;
/** A batch is closed once it has this many bytes, and the sink is asked whether it has room. */
const BATCH_BYTES = 256 * 1024;

interface Draft {
  /** The item, as soon as its cursor is known. */
  readonly make: (cursor: string) => MergedItem;
  /** How many moves the reader has made after it. */
  readonly moves: number;
}

/** A batch whose cursors are not known yet, because its moves have to be stored first. */
export class MergedBatchDraft {
  readonly moves: DeliveredMove[] = [];
  readonly #membership: Pick<MergedMembership, 'positions'>;
  readonly #items: Draft[] = [];
  #bytes = 0;
  #isLast = false;
  #needsPosition = false;

  /** Items move its positions at once. */
  constructor(membership: Pick<MergedMembership, 'positions'>) {
    this.#membership = membership;
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  get isFull(): boolean {
    return this.#items.length >= BATCH_ITEMS || this.#bytes >= BATCH_BYTES;
  }

  /** Whether it has items of logs: anything else does not move the reader. */
  get needsPosition(): boolean {
    return this.#needsPosition;
  }

  /** Whether it has the last item of the stream. */
  get isLast(): boolean {
    return this.#isLast;
  }

  add(nodeId: string, item: FeedItem): void {
    const { positions } = this.#membership;
    if (movesPosition(item)) {
      this.moves.push({ nodeId, cursor: item.cursor, before: positions.cursorOf(nodeId) });
      positions.move(nodeId, item.cursor);
    }
    this.#needsPosition = true;
    this.#bytes += itemBytes(item);
    this.#add((cursor) => ({ kind: 'node', cursor, nodeId, item }));
  }

  addNotice(notice: Notice): void {
    this.#add((cursor) => ({ kind: 'notice', cursor, notice }));
  }

  addEnd(message: string): void {
    this.#isLast = true;
    this.#needsPosition = true;
    this.#add((cursor) => ({ kind: 'end', cursor, message }));
  }

  /** The batch, with the cursors after so many of its moves. */
  finish(cursorAfter: (moves: number) => string): readonly MergedItem[] {
    return this.#items.map(({ make, moves }) => make(cursorAfter(moves)));
  }

  #add(make: Draft['make']): void {
    this.#items.push({ make, moves: this.moves.length });
  }
}

/** A status or a notice shows a state; it does not move the reader. */
function movesPosition(item: FeedItem): boolean {
  switch (item.kind) {
    case 'log':
    case 'gap':
    case 'reset':
      return true;
    case 'done':
      return item.final;
    case 'status':
    case 'notice':
      return false;
  }
}
