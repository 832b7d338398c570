import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { forwardedElements, hopAddress } from '../auth/forwarded-header.js';

/** Finds the address that a request comes from. Proxies are believed only if the operator names them. */
export class ClientAddress {
  readonly #trusted = new BlockList();
  readonly #trustsAny: boolean;
  /** Names, in lower case, of the headers in which a proxy names people. */
  readonly #identityHeaders: readonly string[];

  /** `trusted`: addresses or networks such as `10.0.0.0/8`. */
  constructor(trusted: readonly string[], identityHeaders: readonly string[] = []) {
    this.#identityHeaders = identityHeaders;
    this.#trustsAny = trusted.length > 0;
    for (const entry of trusted) this.#trust(entry);
  }

  /** The client's address. Removes the headers of an untrusted proxy, so that later readers can believe what is left. */
  of(incoming: IncomingMessage): string {
    const peer = hopAddress(incoming.socket.remoteAddress ?? 'unknown');
    const { headers } = incoming;
    if (!this.#trustsAny || !this.#isTrusted(peer)) {
      for (const name of [...PROXY_HEADERS, ...this.#identityHeaders]) delete headers[name];
      return peer;
    }
    if (this.#identityHeaders.some((name) => contradictsItself(incoming, name))) {
      for (const name of this.#identityHeaders) delete headers[name];
    }
    /** Each proxy appends the address of its peer: the last one that is not a trusted proxy is the client. */
    for (const hop of hopsOf(headers).toReversed()) {
      if (isIP(hop) === 0) break;
      if (!this.#isTrusted(hop)) return hop;
    }
    return peer;
  }

  /** Whether this is the address of a proxy that the operator named. */
  trusts(peer: string): boolean {
    return this.#trustsAny && this.#isTrusted(hopAddress(peer));
  }

  #trust(entry: string): void {
    const [address = '', prefix] = entry.split('/', 2);
    const family = isIP(address);
    const widest = family === 4 ? 32 : 128;
    const bits = Number(prefix ?? widest);
    if (family === 0 || !(bits >= 0 && bits <= widest)) {
      throw new Error(`TRUSTED_PROXIES: '${entry}' is no address and no network such as 10.0.0.0/8`);
    }
    this.#trusted.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6');
  }

  #isTrusted(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && this.#trusted.check(address, family === 4 ? 'ipv4' : 'ipv6');
  }
}

const PROXY_HEADERS = ['x-forwarded-for', 'x-forwarded-host', 'forwarded'] as const;

/** A client's own header beside the proxy's: they cannot be distinguished. */
function contradictsItself({ rawHeaders }: IncomingMessage, name: string): boolean {
  const values = rawHeaders.filter(
    (_value, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name,
  );
  return new Set(values).size > 1;
}

/** `X-Forwarded-For` is the one that proxies write unless they were set up for RFC 7239. */
function hopsOf(headers: IncomingHttpHeaders): readonly string[] {
  const list = headers['x-forwarded-for'];
  const text = typeof list === 'string' ? list : list?.join(',');
  if (text !== undefined && text !== '') return text.split(',').map(hopAddress);
  return forwardedElements(headers.forwarded).map((element) => hopAddress(element.for ?? ''));
}
