import type { ServerResponse } from 'node:http';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { RestCall } from './rest-app.js';
import { gzippedPieces } from './gzipped-pieces.js';

type StreamedAnswer = {
  readonly mediaType: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
} & (
  | {
      /** Produced only as they are read, and compressed if the client accepts gzip. Ended early if the client disconnects. */
      readonly pieces: AsyncIterable<string>;
    }
  /** Sent unchanged. */
  | { readonly bytes: AsyncIterable<Uint8Array> }
);

/**
 * Sends a response while it is being produced, at the client's pace and in constant memory. An error aborts the connection
 * once everything before it has been sent, so that nobody takes the part for the whole.
 */
export async function streamedAnswer(call: RestCall, answer: StreamedAnswer): Promise<Response> {
  const { incoming } = call;
  const { outgoing } = call.context.env;
  const compressed = 'pieces' in answer && acceptsGzip(String(incoming.headers['accept-encoding'] ?? ''));
  outgoing.writeHead(200, {
    'Content-Type': answer.mediaType,
    'X-Accel-Buffering': 'no',
    Vary: 'Accept, Accept-Encoding, Origin',
    ...(compressed ? { 'Content-Encoding': 'gzip' } : {}),
    ...answer.headers,
  });
  if (incoming.method === 'HEAD') outgoing.end();
  else await send(bytesOf(answer, compressed), outgoing);
  return RESPONSE_ALREADY_SENT;
}

function bytesOf(answer: StreamedAnswer, compressed: boolean): AsyncIterable<Uint8Array | string> {
  if ('bytes' in answer) return answer.bytes;
  return compressed ? gzippedPieces(answer.pieces) : answer.pieces;
}

async function send(parts: AsyncIterable<Uint8Array | string>, outgoing: ServerResponse): Promise<void> {
  const gone = new Promise<void>((resolve) => outgoing.once('close', resolve));
  try {
    for await (const part of parts) {
      if (part.length === 0) continue;
      // This is also the back-pressure: the next part is requested when this one has been sent.
      await Promise.race([new Promise((resolve) => outgoing.write(part, resolve)), gone]);
      if (outgoing.destroyed) return;
    }
    outgoing.end();
  } catch {
    // The last line of the file reports the error. Abort, so that the file does not look complete.
    outgoing.destroy();
  }
}

/** `gzip;q=0` refuses gzip. */
function acceptsGzip(header: string): boolean {
  return header.split(',').some((offer) => {
    const [name = '', ...parameters] = offer.split(';').map((part) => part.trim().toLowerCase());
    return (
      (name === 'gzip' || name === '*') && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter))
    );
  });
}
