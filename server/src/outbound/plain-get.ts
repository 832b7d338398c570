import { get as httpGet, type Agent, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import type { Clock } from '../clock.js';

export interface PlainGetOptions {
  readonly clock: Clock;
  /** The time limit for the whole answer. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly headers: Readonly<Record<string, string>>;
  /** How many bytes of the body are read; the rest is not waited for. */
  readonly bodyMaxBytes: number;
}

export interface PlainAnswer {
  readonly status: number;
  /** The words after the status, such as `Not Found`. */
  readonly statusText: string;
  readonly body: string;
}

/**
 * Asks once, follows no redirect, and leaves nothing behind: no connection, and nothing that is kept for the address. `fetch`
 * keeps some 20 KB for each address that it was ever asked for, and each node has another one. Rejects if there is no answer.
 */
export function plainGet(
  url: string,
  options: PlainGetOptions & { readonly agent?: Agent | undefined },
): Promise<PlainAnswer> {
  const { clock, timeoutMs, signal, headers, bodyMaxBytes, agent = false } = options;
  return new Promise((resolve, reject) => {
    const get = url.startsWith('https:') ? httpsGet : httpGet;
    const request = get(url, { agent, signal, headers }, (response) => {
      const { statusCode: status = 0, statusMessage: statusText = '' } = response;
      textOf(response, bodyMaxBytes).then((body) => resolve({ status, statusText, body }), reject);
    });
    const cancel = clock.after(timeoutMs, () =>
      request.destroy(new Error(`no answer within ${timeoutMs / 1_000} s`)),
    );
    request.on('close', cancel);
    request.on('error', reject);
  });
}

async function textOf(response: IncomingMessage, maxBytes: number): Promise<string> {
  if (maxBytes === 0) {
    response.destroy();
    return '';
  }
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    size += part.length;
    // Leaving the loop ends the response.
    if (size > maxBytes) break;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
