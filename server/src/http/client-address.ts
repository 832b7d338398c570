import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** Finds the address that a request comes from. Proxies are believed only if the operator names them. */
export class ClientAddress {
  readonly #trusted = new BlockList();
  readonly #trustsAny: boolean;

  /** `trusted`: addresses or networks such as `10.0.0.0/8`. */
  constructor(trusted: readonly string[]) {
    this.#trustsAny = trusted.length > 0;
    for (const entry of trusted) this.#trust(entry);
  }

  of(incoming: IncomingMessage): string {
    const peer = plain(incoming.socket.remoteAddress ?? 'unknown');
    if (!this.#trustsAny || !this.#isTrusted(peer)) return peer;
    const header = incoming.headers['x-forwarded-for'];
    const hops = (Array.isArray(header) ? header.join() : (header ?? ''))
      .split(',')
      .map((hop) => plain(hop.trim()));
    /** Each proxy appends the address of its peer: the last one that is not a trusted proxy is the client. */
    for (const hop of hops.toReversed()) {
      if (isIP(hop) === 0) break;
      if (!this.#isTrusted(hop)) return hop;
    }
    return peer;
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

function plain(address: string): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}
