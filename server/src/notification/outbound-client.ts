import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps, type RequestOptions } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { OutboundDestination, OutboundGuard } from './outbound-guard.js';

/** The most bytes of an answer that are read. */
export const RESPONSE_CAP_BYTES = 64 * 1024;

interface OutboundPost {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface OutboundAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** At most RESPONSE_CAP_BYTES of it. */
  readonly body: string;
}

/**
 * Posts to addresses that the guard accepts, over a new connection. Redirects are not followed: they are answers like any
 * other. Rejects with OutboundRefusedError, with a network error, or when the signal is aborted.
 */
export class OutboundClient {
  readonly #guard: OutboundGuard;

  constructor(guard: OutboundGuard) {
    this.#guard = guard;
  }

  async post(post: OutboundPost, signal: AbortSignal): Promise<OutboundAnswer> {
    const destination = await this.#guard.resolve(post.url, signal);
    signal.throwIfAborted();
    const response = await open(destination, post, signal);
    const { statusCode: status = 0, headers } = response;
    return { status, headers, body: await readCapped(response) };
  }
}

function open(
  { url, addresses }: OutboundDestination,
  post: OutboundPost,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const options: RequestOptions = {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(post.body),
      'accept-encoding': 'identity',
      'user-agent': 'Launchlog',
      connection: 'close',
      ...post.headers,
    },
    // A pooled connection might lead to an address from an earlier look-up.
    agent: false,
    lookup: pinnedTo(addresses),
    signal,
  };
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options, resolve);
    request.on('error', reject);
    request.end(post.body);
  });
}

/** Answers every look-up with the addresses that the guard checked. */
function pinnedTo(addresses: OutboundDestination['addresses']): LookupFunction {
  return (_hostname, options, callback) => {
    const [first] = addresses;
    if (options.all) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family);
  };
}

/** The status is known already, so a body that is cut off, too long or endless does not change the outcome. */
async function readCapped(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk.subarray(0, RESPONSE_CAP_BYTES - bytes));
      bytes += chunk.length;
      if (bytes >= RESPONSE_CAP_BYTES) break;
    }
  } catch {
    // The part that was received is kept.
  } finally {
    response.destroy();
  }
  return Buffer.concat(chunks).toString('utf8');
}
