import { isIP } from 'node:net';
import { isPublicAddress } from './address-policy.js';
import type { HostResolver, ResolvedAddress } from './host-resolver.js';

/** Ports of receivers of webhooks; behind any other is a service that does not expect these calls. */
const PUBLIC_PORTS: ReadonlySet<string> = new Set(['443', '8443']);

/** A permitted destination: the name for TLS and the Host header, the addresses for the connection. */
export interface OutboundDestination {
  readonly url: URL;
  /** The connection is made to one of these and to nothing else. Empty for a trusted name that the proxy resolves. */
  readonly addresses: readonly ResolvedAddress[];
}

/** The guard refused the URL. The message is for the caller and contains no path. */
export class OutboundRefusedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'OutboundRefusedError';
  }
}

/**
 * Keeps callers of the API from making this server call addresses that only this server can reach (SSRF). A name is
 * resolved once, every one of its addresses is checked, and the connection is pinned to those addresses: a second answer
 * of the name server (DNS rebinding) has no effect. Hosts that the operator lists are trusted: http, any port, any address.
 * Through a proxy the same holds: it is asked for a checked address, not for the name, and only the names of trusted hosts
 * are left to it. See decisions 71 and 154.
 */
export class OutboundGuard {
  readonly #allowed: ReadonlySet<string>;
  readonly #resolver: HostResolver;

  /** `allowedHosts`: `host` for every port of a host, `host:port` for one; IPv6 addresses in brackets. */
  constructor(options: { allowedHosts: readonly string[]; resolver: HostResolver }) {
    this.#allowed = new Set(options.allowedHosts.map((host) => host.toLowerCase()));
    this.#resolver = options.resolver;
  }

  /** Checks everything that needs no name server. Throws OutboundRefusedError. */
  inspect(text: string): URL {
    if (!URL.canParse(text)) throw new OutboundRefusedError('must be a URL');
    const url = new URL(text);
    if (url.username !== '' || url.password !== '') {
      throw new OutboundRefusedError('must not hold a user name or a password');
    }
    if (url.protocol !== 'https:' && url.protocol !== 'http:')
      throw new OutboundRefusedError('must begin with https://');
    if (this.#isAllowed(url)) return url;
    if (url.protocol !== 'https:') throw new OutboundRefusedError('must begin with https://');
    if (!PUBLIC_PORTS.has(portOf(url))) {
      throw new OutboundRefusedError(
        'must use port 443 or 8443, or name a host of NOTIFICATION_ALLOWED_HOSTS',
      );
    }
    const literal = literalOf(url);
    if (literal !== undefined && !isPublicAddress(literal)) throw refusedAddress();
    return url;
  }

  /** Rejects with OutboundRefusedError, or with the resolver's error where the name has no address now. */
  async resolve(
    text: string,
    signal: AbortSignal,
    { proxied = false }: { readonly proxied?: boolean } = {},
  ): Promise<OutboundDestination> {
    const url = this.inspect(text);
    const literal = literalOf(url);
    if (literal !== undefined)
      return { url, addresses: [{ address: literal, family: isIP(literal) === 6 ? 6 : 4 }] };
    const trusted = this.#isAllowed(url);
    if (trusted && proxied) return { url, addresses: [] };
    const addresses = await this.#resolver.resolve(url.hostname, { trusted, signal });
    // One forbidden address among permitted ones is no accident: the whole name is refused.
    if (!trusted && !addresses.every(({ address }) => isPublicAddress(address))) throw refusedAddress();
    if (addresses.length === 0) throw new Error(`${url.hostname} has no address`);
    return { url, addresses };
  }

  #isAllowed(url: URL): boolean {
    return this.#allowed.has(url.hostname) || this.#allowed.has(`${url.hostname}:${portOf(url)}`);
  }
}

function refusedAddress(): OutboundRefusedError {
  return new OutboundRefusedError('must not lead to a private, local or reserved address');
}

function portOf(url: URL): string {
  return url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
}

/** The address, if the URL has one instead of a name. The URL parser has already normalised 0x7f.1 and 2130706433. */
function literalOf(url: URL): string | undefined {
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  return isIP(host) === 0 ? undefined : host;
}
