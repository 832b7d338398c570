import { formatCursor, ORIGIN, parseCursor } from '@launchlog/shared/cursor';
import { MERGED_NODES_MAX } from '@launchlog/shared/merged-log';
import type { MergedPosition } from './merged-cursor.js';
import { MEMBER_GRACE_MS, type Member } from './merged-members.js';

interface NodePosition {
  readonly createdAtMs: number;
  readonly cursor: string;
}

/** The changes of a position that no item made. */
interface PositionChanges {
  readonly admitted: readonly string[];
  readonly corrected: readonly string[];
  readonly isMarked: boolean;
}

/**
 * The position of a merged stream in each log, in bounded space. Nodes are admitted in the order of their creation, so that
 * one time, the mark, stands for all that came before; only those of them that have not ended are listed.
 */
export class MergedPositions {
  readonly bornAtMs: number;
  readonly #nodes = new Map<string, NodePosition>();
  #markMs: number;
  #done = 0;
  #admitted = new Set<string>();
  #corrected = new Set<string>();
  #isMarked = false;

  constructor(at: { readonly bornAtMs: number; readonly markMs: number }) {
    this.bornAtMs = at.bornAtMs;
    this.#markMs = at.markMs;
  }

  /** The position of a cursor, without the nodes that no longer exist. */
  static resume(position: MergedPosition, known: readonly Member[]): MergedPositions {
    const positions = new MergedPositions(position);
    for (const { nodeId, createdAtMs } of known) {
      const cursor = position.nodes.get(nodeId);
      if (cursor !== undefined) positions.#set(nodeId, { createdAtMs, cursor });
    }
    positions.#dropDone();
    return positions;
  }

  /** Nodes created from here on may have to be admitted. */
  get markMs(): number {
    return this.#markMs;
  }

  /** How many more nodes may be listed. */
  get freeSlots(): number {
    return MERGED_NODES_MAX - this.#nodes.size;
  }

  /** Listed nodes that were created at the mark or later. */
  get sinceMark(): number {
    let nodes = 0;
    for (const { createdAtMs } of this.#nodes.values()) if (createdAtMs >= this.#markMs) nodes += 1;
    return nodes;
  }

  get size(): number {
    return this.#nodes.size;
  }

  /** Whether some nodes are listed only until the mark has passed them. */
  get hasDone(): boolean {
    return this.#done > 0;
  }

  /** The reader's position in all logs; `before` has those that differ, and those that were dropped since. */
  at(before: ReadonlyMap<string, string>): MergedPosition {
    const nodes = new Map<string, string>();
    for (const [nodeId, { cursor }] of this.#nodes) nodes.set(nodeId, cursor);
    for (const [nodeId, cursor] of before) nodes.set(nodeId, cursor);
    return { bornAtMs: this.bornAtMs, markMs: this.#markMs, nodes };
  }

  has(nodeId: string): boolean {
    return this.#nodes.has(nodeId);
  }

  cursorOf(nodeId: string): string {
    return this.#nodes.get(nodeId)?.cursor ?? formatCursor(ORIGIN);
  }

  /** Nodes whose log was not delivered to its end. */
  get open(): readonly string[] {
    return [...this.#nodes].filter(([, position]) => !isDone(position)).map(([nodeId]) => nodeId);
  }

  admit({ nodeId, createdAtMs }: Member, cursor = formatCursor(ORIGIN)): void {
    this.#set(nodeId, { createdAtMs, cursor });
    this.#admitted.add(nodeId);
  }

  /** Moves forward in one log, or backward in another epoch. */
  move(nodeId: string, cursor: string): void {
    const position = this.#nodes.get(nodeId);
    if (position !== undefined && position.cursor !== cursor) this.#set(nodeId, { ...position, cursor });
  }

  /** The log has nothing more, although its end was not delivered. */
  giveUp(nodeId: string): void {
    const position = parseCursor(this.cursorOf(nodeId));
    if (position === undefined || !this.#nodes.has(nodeId)) return;
    this.move(nodeId, formatCursor({ ...position, done: true }));
    this.#corrected.add(nodeId);
  }

  /** All nodes created before the time were admitted. Those that have ended before the mark are dropped. */
  advance(upTo: { readonly registryNowMs: number; readonly waiting: Member | undefined }): void {
    const { registryNowMs, waiting } = upTo;
    const safeMs = Math.min(registryNowMs - MEMBER_GRACE_MS, waiting?.createdAtMs ?? Infinity);
    if (safeMs > this.#markMs) {
      this.#markMs = safeMs;
      this.#isMarked = true;
    }
    this.#dropDone();
  }

  /** Takes the changes since the last call. */
  takeChanges(): PositionChanges {
    const changes = {
      admitted: [...this.#admitted],
      corrected: [...this.#corrected],
      isMarked: this.#isMarked,
    };
    this.#admitted.clear();
    this.#corrected.clear();
    this.#isMarked = false;
    return changes;
  }

  #dropDone(): void {
    if (this.#done === 0) return;
    for (const [nodeId, position] of this.#nodes) {
      if (!isDone(position) || position.createdAtMs >= this.#markMs) continue;
      this.#nodes.delete(nodeId);
      this.#done -= 1;
    }
  }

  #set(nodeId: string, position: NodePosition): void {
    const before = this.#nodes.get(nodeId);
    if (before !== undefined && isDone(before)) this.#done -= 1;
    if (isDone(position)) this.#done += 1;
    this.#nodes.set(nodeId, position);
  }
}

function isDone({ cursor }: NodePosition): boolean {
  return cursor.endsWith(':done');
}
