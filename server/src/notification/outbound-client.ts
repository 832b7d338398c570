import { request as requestHttp, type Agent, type IncomingMessage } from 'node:http';
import { request as requestHttps, type RequestOptions } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { OutboundHttp } from '../outbound/outbound-http.js';
import { OutboundRefusedError, type OutboundDestination, type OutboundGuard } from './outbound-guard.js';

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
  readonly #outbound: OutboundHttp | undefined;

  /** Without `outbound` it calls every address directly. */
  constructor(guard: OutboundGuard, outbound?: OutboundHttp) {
    this.#guard = guard;
    this.#outbound = outbound;
  }

  async post(post: OutboundPost, signal: AbortSignal): Promise<OutboundAnswer> {
    const agent = this.#outbound?.agentFor(this.#guard.inspect(post.url), signal);
    const destination = await this.#resolve(post.url, signal, agent !== undefined);
    signal.throwIfAborted();
    const response = await open({ ...destination, agent }, post, signal);
    const { statusCode: status = 0, headers } = response;
    return { status, headers, body: await readCapped(response) };
  }

  async #resolve(url: string, signal: AbortSignal, proxied: boolean): Promise<OutboundDestination> {
    try {
      return await this.#guard.resolve(url, signal, { proxied });
    } catch (cause) {
      if (!proxied || cause instanceof OutboundRefusedError || signal.aborted) throw cause;
      throw new OutboundProxyError(
        'this server cannot resolve the name; the proxy may do so for the hosts of NOTIFICATION_ALLOWED_HOSTS',
        { cause },
      );
    }
  }
}

/** The proxy refused the call. The message is for the caller and contains no address. */
export class OutboundProxyError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'OutboundProxyError';
  }
}

function open(
  { url, addresses, agent }: OutboundDestination & { readonly agent: Agent | undefined },
  post: OutboundPost,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const options: RequestOptions = {
    ...(agent !== undefined && throughProxy(url, addresses)),
    method: 'POST',
    headers: {
      host: url.host,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(post.body),
      'accept-encoding': 'identity',
      'user-agent': 'Launchlog',
      connection: 'close',
      ...post.headers,
    },
    // A pooled connection might lead to an address from an earlier look-up.
    agent: agent ?? false,
    lookup: pinnedTo(addresses),
    signal,
  };
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options, resolve);
    let reached = agent === undefined;
    request.on('error', (cause: NodeJS.ErrnoException) =>
      reject(reached || signal.aborted ? cause : unreachableProxy(cause)),
    );
    request.on('proxyConnect', ({ statusCode = TUNNEL_OPEN }: { readonly statusCode?: number }) => {
      reached = true;
      if (statusCode !== TUNNEL_OPEN) request.destroy(refusedByProxy(statusCode, addresses.length > 0));
    });
    request.end(post.body);
  });
}

/** The answer of a proxy to a request for a tunnel. A forwarding proxy has no answer of its own. */
const TUNNEL_OPEN = 200;

/** The proxy connects to a checked address, where there is one; the name stays that of the certificate and of `Host`. */
function throughProxy(url: URL, [first]: OutboundDestination['addresses']): RequestOptions {
  return first === undefined || url.protocol !== 'https:'
    ? {}
    : { host: first.address, hostname: first.address, servername: url.hostname };
}

function unreachableProxy(cause: NodeJS.ErrnoException): OutboundProxyError {
  return new OutboundProxyError(`the proxy does not answer (${cause.code ?? cause.name})`, { cause });
}

function refusedByProxy(status: number, byAddress: boolean): OutboundProxyError {
  const remedy = byAddress
    ? '; it is asked for addresses, and for names only of hosts in NOTIFICATION_ALLOWED_HOSTS'
    : '';
  return new OutboundProxyError(`the proxy answers ${status}${remedy}`);
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
