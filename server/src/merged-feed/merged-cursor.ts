import { formatCursor, parseCursor } from '@launchlog/shared/cursor';
import type { NodeOwner } from '../node-owner.js';

/** A position in a merged stream, as a cursor encodes it. See decision 81. */
export interface MergedPosition {
  /** When the stream was first opened. Launches that had ended before and are not listed do not belong to it. */
  readonly bornAtMs: number;
  /** All nodes created before were admitted: those that are not listed were delivered to their end. */
  readonly markMs: number;
  /** Node id to its own cursor. */
  readonly nodes: ReadonlyMap<string, string>;
}

const VERSION = 1;
const TIME_BYTES = 6;
const SCOPE_BYTES = 4;
const HEADER_BYTES = 1 + SCOPE_BYTES + 2 * TIME_BYTES;
const ID_BYTES = 16;
const EPOCH_BYTES = 8;
/** 2 × (10^14 − 1) + 1 takes 48 bits, 7 to the byte. */
const SEQ_BYTES_MAX = 7;

/** The bytes of one node. They are encoded again when it moves, while those of the others stay. */
export function encodeNode(nodeId: string, cursor: string): Buffer {
  const position = parseCursor(cursor);
  if (position === undefined) throw new Error(`not a cursor: ${cursor}`);
  const head = Buffer.from(nodeId.replaceAll('-', '') + position.epoch, 'hex');
  return Buffer.concat([head, encodeNumber(position.seq * 2 + (position.done ? 1 : 0))]);
}

export function encodeHeader(scope: NodeOwner, position: Omit<MergedPosition, 'nodes'>): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header[0] = VERSION;
  header.writeUInt32BE(scopeMark(scope), 1);
  header.writeUIntBE(position.bornAtMs, 1 + SCOPE_BYTES, TIME_BYTES);
  header.writeUIntBE(position.markMs, 1 + SCOPE_BYTES + TIME_BYTES, TIME_BYTES);
  return header;
}

export function formatMergedCursor(header: Buffer, nodes: Iterable<Buffer>): string {
  return Buffer.concat([header, ...nodes]).toString('base64url');
}

/** Undefined for anything but a cursor of a stream of this scope. */
export function parseMergedCursor(scope: NodeOwner, text: string): MergedPosition | undefined {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length < HEADER_BYTES || bytes[0] !== VERSION || bytes.toString('base64url') !== text)
    return undefined;
  if (bytes.readUInt32BE(1) !== scopeMark(scope)) return undefined;
  const nodes = new Map<string, string>();
  for (let at = HEADER_BYTES; at < bytes.length;) {
    const number = decodeNumber(bytes, at + ID_BYTES + EPOCH_BYTES);
    if (number === undefined) return undefined;
    const epoch = bytes.toString('hex', at + ID_BYTES, at + ID_BYTES + EPOCH_BYTES);
    const cursor = formatCursor({ epoch, seq: Math.floor(number.value / 2), done: number.value % 2 === 1 });
    if (parseCursor(cursor) === undefined) return undefined;
    nodes.set(uuidOf(bytes.toString('hex', at, at + ID_BYTES)), cursor);
    at = number.end;
  }
  return {
    bornAtMs: bytes.readUIntBE(1 + SCOPE_BYTES, TIME_BYTES),
    markMs: bytes.readUIntBE(1 + SCOPE_BYTES + TIME_BYTES, TIME_BYTES),
    nodes,
  };
}

/** Seven bits a byte, the lowest first; the eighth bit is set while more bytes follow. */
function encodeNumber(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

function decodeNumber(bytes: Buffer, start: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let index = 0; index < SEQ_BYTES_MAX; index += 1) {
    const byte = bytes[start + index];
    if (byte === undefined) return undefined;
    value += (byte % 128) * 128 ** index;
    if (byte < 128) return { value, end: start + index + 1 };
  }
  return undefined;
}

/** FNV-1a. It detects a cursor of another stream by mistake; it does not defend against malice. */
function scopeMark({ deploymentId, tenantId }: NodeOwner): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(JSON.stringify([deploymentId ?? null, tenantId ?? null]))) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash;
}

function uuidOf(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
