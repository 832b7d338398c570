import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip, createGzip } from 'node:zlib';
import { heavyWork } from '../wait/fair-turns.js';
import { piecesOf } from '../wait/pieces.js';

/** `LOG_MAX_BYTES` allows 128 MB. A much larger file was not written by us. */
const UNPACKED_MAX_BYTES = 256 * 1024 * 1024;
/** Allows for lines that hardly compress and for gzip's overhead. */
export const PACKED_MAX_BYTES = UNPACKED_MAX_BYTES + 1024 * 1024;
/** `LOG_MAX_ENTRIES` allows a million, and an entry takes 64 KB at most. */
const LINES_MAX = 2_000_000;
const LINE_MAX_CHARACTERS = 1024 * 1024;
/** Lines that are encoded in one turn of the event loop; their size is in characters. */
const PIECE = { maxItems: 1_000, maxSize: 256 * 1024, sizeOf: (line: string) => line.length };
/** Bytes that are hashed in one turn. */
const HASHED_BYTES = 1024 * 1024;

interface PackedLog {
  readonly packed: Uint8Array;
  readonly sha256: string;
  readonly unpackedBytes: number;
}

/** Packs entries as stored in the log store, one per line. The same entries give the same bytes. */
export async function packLog(lines: readonly string[]): Promise<PackedLog> {
  const gzip = createGzip();
  const chunks: Uint8Array[] = [];
  gzip.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  const ended = once(gzip, 'end');
  let unpackedBytes = 0;
  for (const piece of piecesOf(lines, PIECE)) {
    await heavyWork.turn();
    const bytes = Buffer.from(`${piece.join('\n')}\n`, 'utf8');
    unpackedBytes += bytes.length;
    if (!gzip.write(bytes)) await once(gzip, 'drain');
  }
  gzip.end();
  await ended;
  const packed = Buffer.concat(chunks);
  return { packed, sha256: await sha256Of(packed), unpackedBytes };
}

/** Rejects for anything that is not a packed log, or that unpacks to more than a log can hold. */
export async function unpackLog(packed: Uint8Array): Promise<readonly string[]> {
  const decoder = new StringDecoder('utf8');
  const lines: string[] = [];
  let rest = '';
  let bytes = 0;
  await pipeline([packed], createGunzip(), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      const whole = (rest + decoder.write(chunk)).split('\n');
      rest = whole.pop() ?? '';
      for (const line of whole) lines.push(line);
      if (bytes > UNPACKED_MAX_BYTES || lines.length > LINES_MAX || rest.length > LINE_MAX_CHARACTERS) {
        throw new RangeError('the log unpacks to more than a log can hold');
      }
    }
  });
  return lines;
}

/** Part by part, each in a turn of the event loop. */
export async function sha256Of(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += HASHED_BYTES) {
    await heavyWork.turn();
    hash.update(bytes.subarray(at, at + HASHED_BYTES));
  }
  return hash.digest('hex');
}
