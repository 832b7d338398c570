import { formatCursor, parseCursor } from '@launchlog/shared/cursor';
import type { NodeOwner } from '../node-owner.js';
import { decodeNumber, encodeNumber } from './varint.js';

/** A position in a merged stream. See decision 145. */
export interface MergedPosition {
  /** When the stream was first opened. Launches that had ended before and are not listed do not belong to it. */
  readonly bornAtMs: number;
  /** All nodes created before were admitted: those that are not listed were delivered to their end. */
  readonly markMs: number;
  /** Node id to its own cursor. */
  readonly nodes: ReadonlyMap<string, string>;
}

/** The content of a cursor. */
export type MergedResume =
  /** Nothing was delivered yet: the stream begins as the query states. */
  | { readonly kind: 'beginning' }
  /** The position after `steps` steps of the record with this name. */
  | { readonly kind: 'saved'; readonly name: string; readonly steps: number }
  /** The cursor holds the position itself, as all cursors of 0.1.0 do. */
  | { readonly kind: 'position'; readonly position: MergedPosition };

/** Holds the whole position. */
const LONG = 1;
/** Names a record that holds it. */
const SHORT = 2;
const TIME_BYTES = 6;
const ID_BYTES = 16;
const EPOCH_BYTES = 8;
const SCOPE_BYTES = 4;
const NAME_BYTES = 8;
const HEADER_BYTES = 1 + SCOPE_BYTES + 2 * TIME_BYTES;
const SHORT_BYTES = 1 + SCOPE_BYTES + NAME_BYTES;
const NO_NAME = '0'.repeat(2 * NAME_BYTES);

/** The cursors of one record: a few characters each, after a common beginning. */
export class ShortCursors {
  /** Base64 encodes 3 bytes at a time, so the text of the first 12 bytes is always the same. */
  readonly #text: string;
  readonly #rest: readonly number[];

  constructor(scope: NodeOwner, name = NO_NAME) {
    const head = Buffer.alloc(SHORT_BYTES);
    head[0] = SHORT;
    head.writeUInt32BE(scopeMark(scope), 1);
    head.write(name, 1 + SCOPE_BYTES, 'hex');
    const whole = SHORT_BYTES - (SHORT_BYTES % 3);
    this.#text = head.toString('base64url', 0, whole);
    this.#rest = [...head.subarray(whole)];
  }

  after(steps: number): string {
    return this.#text + Buffer.from([...this.#rest, ...encodeNumber(steps)]).toString('base64url');
  }
}

/** A cursor that holds the position itself: its header, then the bytes of each node. */
export function formatMergedCursor(header: Buffer, nodes: Iterable<Buffer>): string {
  return Buffer.concat([header, ...nodes]).toString('base64url');
}

export function encodeHeader(scope: NodeOwner, position: Omit<MergedPosition, 'nodes'>): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header[0] = LONG;
  header.writeUInt32BE(scopeMark(scope), 1);
  header.writeUIntBE(position.bornAtMs, 1 + SCOPE_BYTES, TIME_BYTES);
  header.writeUIntBE(position.markMs, 1 + SCOPE_BYTES + TIME_BYTES, TIME_BYTES);
  return header;
}

/** Undefined for anything but the header of a stream of this scope. */
export function decodeHeader(
  scope: NodeOwner,
  bytes: Buffer,
): (Omit<MergedPosition, 'nodes'> & { readonly end: number }) | undefined {
  if (bytes.length < HEADER_BYTES || bytes[0] !== LONG) return undefined;
  if (bytes.readUInt32BE(1) !== scopeMark(scope)) return undefined;
  return {
    bornAtMs: bytes.readUIntBE(1 + SCOPE_BYTES, TIME_BYTES),
    markMs: bytes.readUIntBE(1 + SCOPE_BYTES + TIME_BYTES, TIME_BYTES),
    end: HEADER_BYTES,
  };
}

/** Undefined for anything but a cursor of a stream of this scope. */
export function parseMergedCursor(scope: NodeOwner, text: string): MergedResume | undefined {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) return undefined;
  return bytes[0] === SHORT ? parseShort(scope, bytes) : parseLong(scope, bytes);
}

function parseShort(scope: NodeOwner, bytes: Buffer): MergedResume | undefined {
  if (bytes.length < SHORT_BYTES || bytes.readUInt32BE(1) !== scopeMark(scope)) return undefined;
  const steps = decodeNumber(bytes, SHORT_BYTES);
  if (steps?.end !== bytes.length) return undefined;
  const name = bytes.toString('hex', 1 + SCOPE_BYTES, SHORT_BYTES);
  return name === NO_NAME ? { kind: 'beginning' } : { kind: 'saved', name, steps: steps.value };
}

function parseLong(scope: NodeOwner, bytes: Buffer): MergedResume | undefined {
  const header = decodeHeader(scope, bytes);
  if (header === undefined) return undefined;
  const nodes = new Map<string, string>();
  for (let at = header.end; at < bytes.length;) {
    const decoded = decodeNode(bytes, at);
    if (decoded === undefined) return undefined;
    nodes.set(decoded.nodeId, decoded.cursor);
    at = decoded.end;
  }
  return { kind: 'position', position: { bornAtMs: header.bornAtMs, markMs: header.markMs, nodes } };
}

/** A node and its own cursor as bytes. */
export function encodeNode(nodeId: string, cursor: string): Buffer {
  return Buffer.concat([Buffer.from(nodeId.replaceAll('-', ''), 'hex'), encodeCursor(cursor)]);
}

/** Undefined where the bytes are anything else. */
export function decodeNode(
  bytes: Buffer,
  at: number,
): { readonly nodeId: string; readonly cursor: string; readonly end: number } | undefined {
  const decoded = decodeCursor(bytes, at + ID_BYTES);
  return decoded && { nodeId: uuidOf(bytes.toString('hex', at, at + ID_BYTES)), ...decoded };
}

/** The epoch, then twice the seq, and one more after the end of the log. */
export function encodeCursor(cursor: string): Buffer {
  const position = parseCursor(cursor);
  if (position === undefined) throw new Error(`not a cursor: ${cursor}`);
  const number = encodeNumber(position.seq * 2 + (position.done ? 1 : 0));
  return Buffer.concat([Buffer.from(position.epoch, 'hex'), Buffer.from(number)]);
}

export function decodeCursor(
  bytes: Buffer,
  at: number,
): { readonly cursor: string; readonly end: number } | undefined {
  const number = decodeNumber(bytes, at + EPOCH_BYTES);
  if (number === undefined) return undefined;
  const epoch = bytes.toString('hex', at, at + EPOCH_BYTES);
  const cursor = formatCursor({ epoch, seq: Math.floor(number.value / 2), done: number.value % 2 === 1 });
  return parseCursor(cursor) && { cursor, end: number.end };
}

function uuidOf(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** FNV-1a. It detects a cursor of another stream by mistake; it does not defend against malice. */
function scopeMark({ deploymentId, tenantId }: NodeOwner): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(JSON.stringify([deploymentId ?? null, tenantId ?? null]))) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash;
}
