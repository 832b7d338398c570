import { IncomingMessage } from 'node:http';
import type { PublicAddress } from '../edge/public-address.js';

/**
 * A request whose `Upgrade` header counts only where this server speaks the protocol: RFC 9110, section 7.8, lets a server
 * ignore any other. node:http reads `upgrade` once the headers are known, and hands the socket to the `upgrade` event where
 * it is true; the newer `shouldUpgradeCallback` decides the same, but Node 20 does not have it: see decision 115.
 */
class IncomingRequest extends IncomingMessage {
  /** Set on the prototype by `incomingRequestAt`. */
  declare protected readonly publicAddress: PublicAddress;
  /** Set by node:http's constructor, too: a private field would not exist yet. */
  declare private offersUpgrade: boolean | null;

  get upgrade(): boolean {
    if (this.offersUpgrade !== true) return false;
    return this.method === 'CONNECT' || this.#asksForWebSocket();
  }

  set upgrade(offered: boolean | null) {
    this.offersUpgrade = offered;
  }

  #asksForWebSocket(): boolean {
    const isWebSocket = this.headers.upgrade?.trim().toLowerCase() === 'websocket';
    return (
      isWebSocket &&
      this.method === 'GET' &&
      isTrpc(this.publicAddress.withoutPath(originForm(this.url ?? '')))
    );
  }
}

/** The class of the requests of a server with this public address. */
export function incomingRequestAt(publicAddress: PublicAddress): typeof IncomingMessage {
  const taken = class extends IncomingRequest {};
  Object.defineProperty(taken.prototype, 'publicAddress', { value: publicAddress });
  return taken;
}

/** The path and query of a request line. A proxy may send an absolute URL there. */
export function originForm(url: string): string {
  if (url.startsWith('/') || !URL.canParse(url)) return url;
  const { pathname, search } = new URL(url);
  return pathname + search;
}

export function isTrpc(url: string): boolean {
  return /^\/trpc(?:[/?]|$)/.test(url);
}
