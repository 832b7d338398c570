import { randomBytes } from 'node:crypto';
import type { PositionStore } from '../log/position/position-store.js';
import type { NodeOwner } from '../node-owner.js';
import { encodeHeader, encodeNode, formatMergedCursor, ShortCursors } from './merged-cursor.js';
import type { MergedPositions } from './merged-positions.js';
import { PositionRecord, type Move } from './position-record.js';

/** Steps of one record; the next one begins with a whole position. */
const RECORD_STEPS = 32_768;
const RECORD_BYTES = 512 * 1024;
/** Full records that are kept for readers that hold an old cursor, while the stream is open and after it. */
const KEPT_WHILE_OPEN = 8;
const KEPT_AFTER = 2;
/** Nodes in one cursor that holds the position itself: a few KB of text, as much as a header may have. */
const LONG_CURSOR_NODES = 64;

/** A delivered item, and the cursor in its log before it. */
export interface DeliveredMove extends Move {
  readonly before: string;
}

/** The cursor after so many of the moves that were saved. */
type CursorAfter = (moves: number) => string;

interface SavedPositionOptions {
  readonly store: PositionStore;
  readonly scope: NodeOwner;
  /** The cursor until a position was saved. */
  readonly cursor: string | undefined;
}

/**
 * The position of one merged stream, saved in the store under a short name. Each move is stored before the reader gets the
 * item, so that any server can continue from each of its cursors. See decision 145.
 */
export class SavedPosition {
  readonly #store: PositionStore;
  readonly #scope: NodeOwner;
  #cursor: string;
  #record: OpenRecord | undefined;
  readonly #names: string[] = [];

  constructor({ store, scope, cursor }: SavedPositionOptions) {
    this.#store = store;
    this.#scope = scope;
    this.#cursor = cursor ?? new ShortCursors(scope).after(0);
  }

  /** The cursor after everything that was saved. */
  get cursor(): string {
    return this.#cursor;
  }

  /**
   * Stores the moves, which `positions` has made already. One call at a time. Rejects when the store does not take them and
   * a cursor that holds the position itself would be too long; the same moves may then be saved again.
   */
  async save(positions: MergedPositions, moves: readonly DeliveredMove[]): Promise<CursorAfter> {
    const cursorAfter = await this.#saved(positions, moves).catch((error: unknown) => {
      this.#record = undefined;
      const cursors = this.#longCursors(positions, moves);
      if (cursors === undefined) throw error;
      return (count: number): string => cursors[count] ?? this.#cursor;
    });
    this.#cursor = cursorAfter(moves.length);
    return cursorAfter;
  }

  /** The reader has gone, and may come back. */
  close(): void {
    this.#removeAllBut(KEPT_AFTER);
  }

  async #saved(positions: MergedPositions, moves: readonly DeliveredMove[]): Promise<CursorAfter> {
    const isFull = this.#record?.isFull ?? true;
    const open = isFull ? this.#begin(positions, moves) : this.#record;
    if (open === undefined) throw new Error('unreachable: a record that is not full is open');
    const { record, cursors } = open;
    const first = record.steps;
    if (moves.length > 0 || isFull) {
      const { corrected, admitted, isMarked } = positions.takeChanges();
      if (!isFull) {
        for (const nodeId of admitted) this.#admit(record, positions, { nodeId, moves });
        if (isMarked) record.mark(positions);
      }
      for (const move of moves) record.step(move);
      for (const nodeId of corrected) record.correct({ nodeId, cursor: positions.cursorOf(nodeId) });
      await open.write(this.#store);
      this.#record = open;
      if (isFull) this.#removeAllBut(KEPT_WHILE_OPEN);
    }
    return (count) => cursors.after(first + count);
  }

  #begin(positions: MergedPositions, moves: readonly DeliveredMove[]): OpenRecord {
    const name = randomBytes(8).toString('hex');
    this.#names.push(name);
    const record = new PositionRecord(this.#scope, positions.at(beforeAll(moves)));
    return new OpenRecord(name, record, new ShortCursors(this.#scope, name));
  }

  #admit(
    record: PositionRecord,
    positions: MergedPositions,
    { nodeId, moves }: { readonly nodeId: string; readonly moves: readonly DeliveredMove[] },
  ): void {
    if (record.has(nodeId)) return;
    const before = moves.find((move) => move.nodeId === nodeId)?.before;
    if (before !== undefined || positions.has(nodeId)) {
      record.admit(nodeId, before ?? positions.cursorOf(nodeId));
    }
  }

  /**
   * Cursors that hold the position themselves: one before the moves, and one after each. Undefined if they would be too long.
   */
  #longCursors(positions: MergedPositions, moves: readonly DeliveredMove[]): readonly string[] | undefined {
    if (positions.size > LONG_CURSOR_NODES) return undefined;
    const position = positions.at(beforeAll(moves));
    const header = encodeHeader(this.#scope, position);
    const nodes = new Map(
      [...position.nodes].map(([nodeId, cursor]) => [nodeId, encodeNode(nodeId, cursor)]),
    );
    const cursors = [formatMergedCursor(header, nodes.values())];
    for (const { nodeId, cursor } of moves) {
      nodes.set(nodeId, encodeNode(nodeId, cursor));
      cursors.push(formatMergedCursor(header, nodes.values()));
    }
    return cursors;
  }

  #removeAllBut(kept: number): void {
    for (const name of this.#names.splice(0, Math.max(0, this.#names.length - kept))) {
      void this.#store.remove(name).catch(() => undefined);
    }
  }
}

/** A record that this stream extends. */
class OpenRecord {
  readonly record: PositionRecord;
  readonly cursors: ShortCursors;
  readonly #name: string;
  #bytes = 0;

  constructor(name: string, record: PositionRecord, cursors: ShortCursors) {
    this.#name = name;
    this.record = record;
    this.cursors = cursors;
  }

  get isFull(): boolean {
    return this.record.steps >= RECORD_STEPS || this.#bytes >= RECORD_BYTES;
  }

  async write(store: PositionStore): Promise<void> {
    const bytes = this.record.takeBytes();
    if (this.#bytes === 0) await store.create(this.#name, bytes);
    else await store.append(this.#name, this.#bytes, bytes);
    this.#bytes += bytes.length;
  }
}

/** Where the reader stood before the moves, in the logs that they concern. */
function beforeAll(moves: readonly DeliveredMove[]): ReadonlyMap<string, string> {
  const before = new Map<string, string>();
  for (const move of moves) if (!before.has(move.nodeId)) before.set(move.nodeId, move.before);
  return before;
}
