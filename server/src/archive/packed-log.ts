import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

const pack = promisify(gzip);
const unpack = promisify(gunzip);

/** A log store keeps 8 MB of a log by default. A much larger file was not written by us. */
const UNPACKED_MAX_BYTES = 256 * 1024 * 1024;
/** Allows for lines that hardly compress and for gzip's overhead. */
export const PACKED_MAX_BYTES = UNPACKED_MAX_BYTES + 1024 * 1024;

interface PackedLog {
  readonly packed: Uint8Array;
  readonly sha256: string;
  readonly unpackedBytes: number;
}

/** Packs entries as stored in the log store, one per line. The same entries give the same bytes. */
export async function packLog(lines: readonly string[]): Promise<PackedLog> {
  const text = Buffer.from(lines.map((line) => `${line}\n`).join(''), 'utf8');
  const packed = await pack(text);
  return { packed, sha256: sha256Of(packed), unpackedBytes: text.length };
}

/** Rejects for anything that is not a packed log, or that unpacks to more than a log can hold. */
export async function unpackLog(packed: Uint8Array): Promise<readonly string[]> {
  const text = await unpack(packed, { maxOutputLength: UNPACKED_MAX_BYTES });
  return text.toString('utf8').split('\n').slice(0, -1);
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
