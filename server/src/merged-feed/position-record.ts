import { formatCursor, parseCursor } from '@launchlog/shared/cursor';
import type { NodeOwner } from '../node-owner.js';
import {
  decodeCursor,
  decodeHeader,
  decodeNode,
  encodeCursor,
  encodeHeader,
  encodeNode,
  type MergedPosition,
} from './merged-cursor.js';
import { decodeNumber, encodeNumber } from './varint.js';

/** The reader moves to this cursor in the log of this node. */
export interface Move {
  readonly nodeId: string;
  readonly cursor: string;
}

/**
 * The kind of a change in a record: the lowest 3 bits of the number that begins the change. The other bits are the node's
 * number in the record, by the order of admission. The first three kinds are steps, which cursors count.
 */
const NEXT = 0;
/** Another number follows: how many entries further. */
const FURTHER = 1;
/** A cursor follows. */
const ELSEWHERE = 2;
/** A node and its cursor follow; the node gets the next number. */
const ADMITTED = 3;
/** A cursor follows: the position has changed without an item. */
const CORRECTED = 4;
/** A header follows: all nodes created before the mark in it were admitted. */
const MARKED = 5;
const KINDS = 8;

interface KnownNode {
  readonly number: number;
  epoch: string;
  seq: number;
  done: boolean;
}

/**
 * The position of a merged stream and its changes as bytes: in most cases two of them for each item. The record begins with
 * a whole position, so that it needs no other one.
 */
export class PositionRecord {
  readonly #scope: NodeOwner;
  readonly #nodes = new Map<string, KnownNode>();
  readonly #pieces: Uint8Array[] = [];
  #steps = 0;

  constructor(scope: NodeOwner, position: MergedPosition) {
    this.#scope = scope;
    this.#pieces.push(encodeHeader(scope, position));
    for (const [nodeId, cursor] of position.nodes) this.admit(nodeId, cursor);
  }

  /** How many items the record has seen. */
  get steps(): number {
    return this.#steps;
  }

  /** What was added since the last call. */
  takeBytes(): Buffer {
    return Buffer.concat(this.#pieces.splice(0));
  }

  has(nodeId: string): boolean {
    return this.#nodes.has(nodeId);
  }

  admit(nodeId: string, cursor: string): void {
    const number = this.#nodes.size;
    this.#nodes.set(nodeId, { number, ...positionOf(cursor) });
    this.#pieces.push(Buffer.from([ADMITTED]), encodeNode(nodeId, cursor));
  }

  /** One item was delivered. The node was admitted. */
  step({ nodeId, cursor }: Move): void {
    const known = this.#nodes.get(nodeId);
    if (known === undefined) throw new Error('a node that was not admitted cannot move');
    const next = positionOf(cursor);
    this.#steps += 1;
    const further = next.seq - known.seq;
    const isPlain = next.epoch === known.epoch && !next.done && !known.done && further > 0;
    if (!isPlain) this.#add(known, ELSEWHERE, encodeCursor(cursor));
    else if (further === 1) this.#add(known, NEXT);
    else this.#add(known, FURTHER, Buffer.from(encodeNumber(further)));
    Object.assign(known, next);
  }

  /** The position in one log has changed without an item. */
  correct({ nodeId, cursor }: Move): void {
    const known = this.#nodes.get(nodeId);
    if (known === undefined) return;
    this.#add(known, CORRECTED, encodeCursor(cursor));
    Object.assign(known, positionOf(cursor));
  }

  mark(position: Omit<MergedPosition, 'nodes'>): void {
    this.#pieces.push(Buffer.from([MARKED]), encodeHeader(this.#scope, position));
  }

  #add({ number }: KnownNode, kind: number, rest?: Uint8Array): void {
    this.#pieces.push(Buffer.from(encodeNumber(number * KINDS + kind)));
    if (rest !== undefined) this.#pieces.push(rest);
  }
}

/** The position after some steps. */
interface FoundPosition {
  readonly position: MergedPosition;
  /** The record has fewer steps: the position is that of its end. */
  readonly isShort: boolean;
}

/** Reads a record up to a step. What a crash has cut short at its end is ignored. Undefined for the record of another scope. */
export function readPosition(scope: NodeOwner, bytes: Buffer, steps: number): FoundPosition | undefined {
  const header = decodeHeader(scope, bytes);
  if (header === undefined) return undefined;
  const reading = new Reading(header);
  let at: number | undefined = header.end;
  while (at !== undefined && reading.steps < steps) at = reading.change(scope, bytes, at);
  // Nodes that were listed before the first step belong to the beginning.
  while (at !== undefined && steps === 0 && bytes[at] === ADMITTED) at = reading.change(scope, bytes, at);
  return { position: reading.position, isShort: reading.steps < steps };
}

class Reading {
  readonly #nodeIds: string[] = [];
  readonly #cursors = new Map<string, string>();
  #header: Omit<MergedPosition, 'nodes'>;
  steps = 0;

  constructor({ bornAtMs, markMs }: Omit<MergedPosition, 'nodes'>) {
    this.#header = { bornAtMs, markMs };
  }

  get position(): MergedPosition {
    return { ...this.#header, nodes: this.#cursors };
  }

  /** Applies the change that begins here. Returns where the next one begins; undefined at the end. */
  change(scope: NodeOwner, bytes: Buffer, start: number): number | undefined {
    const head = decodeNumber(bytes, start);
    if (head === undefined) return undefined;
    const nodeId = this.#nodeIds[Math.floor(head.value / KINDS)];
    switch (head.value % KINDS) {
      case NEXT:
        return this.#further(nodeId, 1, head.end);
      case FURTHER: {
        const by = decodeNumber(bytes, head.end);
        return by && this.#further(nodeId, by.value, by.end);
      }
      case ELSEWHERE: {
        const decoded = this.#moved(nodeId, bytes, head.end);
        if (decoded !== undefined) this.steps += 1;
        return decoded;
      }
      case CORRECTED:
        return this.#moved(nodeId, bytes, head.end);
      case ADMITTED:
        return this.#admitted(bytes, head.end);
      case MARKED:
        return this.#marked(decodeHeader(scope, bytes.subarray(head.end)), head.end);
      default:
        return undefined;
    }
  }

  #further(nodeId: string | undefined, by: number, end: number): number | undefined {
    const before = nodeId === undefined ? undefined : this.#cursors.get(nodeId);
    if (nodeId === undefined || before === undefined) return undefined;
    const { epoch, seq } = positionOf(before);
    this.#cursors.set(nodeId, formatCursor({ epoch, seq: seq + by, done: false }));
    this.steps += 1;
    return end;
  }

  #moved(nodeId: string | undefined, bytes: Buffer, at: number): number | undefined {
    const decoded = decodeCursor(bytes, at);
    if (nodeId === undefined || decoded === undefined) return undefined;
    this.#cursors.set(nodeId, decoded.cursor);
    return decoded.end;
  }

  #admitted(bytes: Buffer, at: number): number | undefined {
    const decoded = decodeNode(bytes, at);
    if (decoded === undefined) return undefined;
    this.#nodeIds.push(decoded.nodeId);
    this.#cursors.set(decoded.nodeId, decoded.cursor);
    return decoded.end;
  }

  #marked(header: ReturnType<typeof decodeHeader>, start: number): number | undefined {
    if (header === undefined) return undefined;
    this.#header = { bornAtMs: header.bornAtMs, markMs: header.markMs };
    return start + header.end;
  }
}

function positionOf(cursor: string) {
  const position = parseCursor(cursor);
  if (position === undefined) throw new Error(`not a cursor: ${cursor}`);
  return position;
}
