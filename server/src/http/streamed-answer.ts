import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';

/** Bytes that wait between the steps on the way to the socket. */
const BUFFER_BYTES = 64 * 1024;

export type StreamedAnswer = {
  readonly incoming: IncomingMessage;
  readonly mediaType: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
} & (
  | {
      /** Made only as they are read; ended early when the client goes. Compressed where the client offers that. */
      readonly pieces: AsyncIterable<string>;
    }
  /** As they are. */
  | { readonly bytes: AsyncIterable<Uint8Array> }
);

/**
 * An answer that is made while it is sent, at the client's pace and in constant memory. An error on the way breaks the
 * connection, so that nobody takes what came for the whole.
 */
export function streamedAnswer(answer: StreamedAnswer): Response {
  const { mediaType, incoming } = answer;
  const compressed = 'pieces' in answer && acceptsGzip(incoming);
  const body =
    'bytes' in answer ? answer.bytes : compressed ? gzippedPieces(answer.pieces) : bytesOf(answer.pieces);
  return new Response(incoming.method === 'HEAD' ? null : toWeb(body), {
    headers: {
      'Content-Type': mediaType,
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
      Vary: 'Accept, Accept-Encoding, Origin',
      ...(compressed ? { 'Content-Encoding': 'gzip' } : {}),
      ...answer.headers,
    },
  });
}

export function gzippedPieces(pieces: AsyncIterable<string>): AsyncIterable<Uint8Array> {
  const source = Readable.from(bytesOf(pieces), { objectMode: false, highWaterMark: BUFFER_BYTES });
  const gzip = createGzip();
  // `pipe` would leave the compressor open when the source fails, and the client waiting.
  source.on('error', (error) => gzip.destroy(error));
  gzip.on('close', () => source.destroy());
  return source.pipe(gzip) as AsyncIterable<Uint8Array>;
}

async function* bytesOf(pieces: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) if (piece !== '') yield Buffer.from(piece, 'utf8');
}

function toWeb(bytes: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

/** `gzip;q=0` is a refusal. */
function acceptsGzip(incoming: IncomingMessage): boolean {
  const header = String(incoming.headers['accept-encoding'] ?? '');
  return header.split(',').some((offer) => {
    const [name = '', ...parameters] = offer.split(';').map((part) => part.trim().toLowerCase());
    return (
      (name === 'gzip' || name === '*') && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter))
    );
  });
}
