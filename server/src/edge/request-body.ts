import type { IncomingMessage } from 'node:http';
import { LaunchlogError } from '@launchlog/shared/error-code';

/**
 * Reads a body of limited size. The rest of a larger one is read and discarded, so that the client, which is still
 * sending, gets the response on the same connection.
 */
export function readBody(incoming: IncomingMessage, maxBytes: number): Promise<Buffer<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > maxBytes) return refuse();
      chunks.push(chunk);
    };
    const refuse = (): void => {
      incoming.off('data', onData);
      discard(incoming);
      reject(new LaunchlogError('payload_too_large', `the body must have at most ${maxBytes} bytes`));
    };
    if (Number(incoming.headers['content-length'] ?? 0) > maxBytes) return refuse();
    incoming.on('data', onData);
    incoming.once('end', () => resolve(Buffer.concat(chunks)));
    incoming.once('close', () => reject(new LaunchlogError('invalid_request', 'the request was cut off')));
    incoming.once('error', reject);
  });
}

/** A client that sends more than this is disconnected. */
const DISCARD_MAX_BYTES = 64 * 1024 * 1024;

function discard(incoming: IncomingMessage): void {
  let bytes = 0;
  incoming.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > DISCARD_MAX_BYTES) incoming.destroy();
  });
}
