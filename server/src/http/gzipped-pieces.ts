import { once } from 'node:events';
import { createGzip } from 'node:zlib';
import type { Gzip } from 'node:zlib';

/** Length and checksum; a decompressor reports a file without them as truncated. */
const TRAILER_BYTES = 8;

/** Compresses at the reader's pace. If the source fails, everything it yielded is still sent, without the trailer. */
export async function* gzippedPieces(pieces: AsyncIterable<string>): AsyncGenerator<Uint8Array, void> {
  const gzip = createGzip();
  const reading = pump(pieces, gzip);
  let held: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of gzip) {
      if (held.length > 0) yield held;
      held = chunk as Buffer;
    }
    const failure = await reading;
    if (failure === undefined) return yield held;
    yield held.subarray(0, -TRAILER_BYTES);
    throw failure;
  } finally {
    gzip.destroy();
  }
}

/** Resolves with the source's error, if any. */
async function pump(pieces: AsyncIterable<string>, gzip: Gzip): Promise<Error | undefined> {
  // A reader that leaves aborts the stream. That is no failure of the source, and the promise is not awaited then.
  const closed = once(gzip, 'close').catch(() => undefined);
  try {
    for await (const piece of pieces) {
      if (piece !== '' && !gzip.write(piece)) await Promise.race([once(gzip, 'drain'), closed]);
      if (gzip.destroyed) return undefined;
    }
    gzip.end();
    return undefined;
  } catch (error) {
    gzip.end();
    return error instanceof Error ? error : new Error(String(error));
  }
}
