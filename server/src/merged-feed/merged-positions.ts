import { formatCursor, ORIGIN, parseCursor } from '@launchlog/shared/cursor';
import { MERGED_NODES_MAX } from '@launchlog/shared/merged-log';
import { encodeHeader, encodeNode, formatMergedCursor, type MergedPosition } from './merged-cursor.js';
import { MEMBER_GRACE_MS, type Member } from './merged-members.js';
import type { NodeOwner } from '../node-owner.js';

interface NodePosition {
  readonly createdAtMs: number;
  readonly cursor: string;
  readonly bytes: Buffer;
}

/**
 * How far a merged stream has come in each log, in bounded space. Nodes are admitted in the order of their creation, so
 * that one time, the mark, stands for all that came before; only those of them that have not ended are listed.
 */
export class MergedPositions {
  readonly bornAtMs: number;
  readonly #scope: NodeOwner;
  readonly #nodes = new Map<string, NodePosition>();
  #markMs: number;
  #header: Buffer;

  constructor(scope: NodeOwner, at: { readonly bornAtMs: number; readonly markMs: number }) {
    this.#scope = scope;
    this.bornAtMs = at.bornAtMs;
    this.#markMs = at.markMs;
    this.#header = encodeHeader(scope, at);
  }

  /** The position that a cursor stands for, without the nodes that are no longer known. */
  static resume(scope: NodeOwner, position: MergedPosition, known: readonly Member[]): MergedPositions {
    const positions = new MergedPositions(scope, position);
    for (const { nodeId, createdAtMs } of known) {
      const cursor = position.nodes.get(nodeId);
      if (cursor !== undefined) positions.#set(nodeId, createdAtMs, cursor);
    }
    return positions;
  }

  /** Nodes created from here on may have to be admitted. */
  get markMs(): number {
    return this.#markMs;
  }

  /** How many more nodes the cursor can hold. */
  get freeSlots(): number {
    return MERGED_NODES_MAX - this.#nodes.size;
  }

  /** Some nodes are listed only until the mark has passed them. */
  get hasDone(): boolean {
    return [...this.#nodes.values()].some(isDone);
  }

  /** The reader's position in all logs. */
  get cursor(): string {
    return formatMergedCursor(
      this.#header,
      [...this.#nodes.values()].map(({ bytes }) => bytes),
    );
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
    this.#set(nodeId, createdAtMs, cursor);
  }

  /** Moves forward in one log; backward only in another epoch. */
  move(nodeId: string, cursor: string): void {
    const position = this.#nodes.get(nodeId);
    if (position !== undefined && position.cursor !== cursor) this.#set(nodeId, position.createdAtMs, cursor);
  }

  /** The log has nothing more, although its end was not delivered. */
  giveUp(nodeId: string): void {
    const position = parseCursor(this.cursorOf(nodeId));
    if (position !== undefined) this.move(nodeId, formatCursor({ ...position, done: true }));
  }

  /** All nodes created before the time were admitted. Those that have ended before the mark are dropped. */
  advance(upTo: { readonly registryNowMs: number; readonly waiting: Member | undefined }): void {
    const { registryNowMs, waiting } = upTo;
    const safeMs = Math.min(registryNowMs - MEMBER_GRACE_MS, waiting?.createdAtMs ?? Infinity);
    if (safeMs > this.#markMs) {
      this.#markMs = safeMs;
      this.#header = encodeHeader(this.#scope, this);
    }
    for (const [nodeId, position] of this.#nodes) {
      if (isDone(position) && position.createdAtMs < this.#markMs) this.#nodes.delete(nodeId);
    }
  }

  #set(nodeId: string, createdAtMs: number, cursor: string): void {
    this.#nodes.set(nodeId, { createdAtMs, cursor, bytes: encodeNode(nodeId, cursor) });
  }
}

function isDone({ cursor }: NodePosition): boolean {
  return cursor.endsWith(':done');
}
