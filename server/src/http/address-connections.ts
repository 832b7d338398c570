import { clientNetwork } from '../rate-limit/client-network.js';

/** The part of a socket that is needed here. */
interface ClientConnection {
  readonly remoteAddress?: string | undefined;
  destroy(): unknown;
  once(event: 'close', listener: () => void): unknown;
}

interface AddressConnectionsOptions {
  /** Open connections of one client network. */
  readonly max: number;
  /** A proxy holds the connections of many clients. */
  readonly isTrusted: (address: string) => boolean;
}

/**
 * Bounds the connections of one address, before anything of a request is read: otherwise one client could take all
 * connections of the process, and not even probes would be answered.
 */
export class AddressConnections {
  readonly #options: AddressConnectionsOptions;
  /** Never zero. */
  readonly #open = new Map<string, number>();

  constructor(options: AddressConnectionsOptions) {
    this.#options = options;
  }

  /** Counts the connection until it closes. Destroys one that is too many, and returns false. */
  admit(socket: ClientConnection): boolean {
    const address = socket.remoteAddress ?? 'unknown';
    if (this.#options.isTrusted(address)) return true;
    const network = clientNetwork(address);
    const open = this.#open.get(network) ?? 0;
    if (open >= this.#options.max) {
      socket.destroy();
      return false;
    }
    this.#open.set(network, open + 1);
    socket.once('close', () => this.#closed(network));
    return true;
  }

  #closed(network: string): void {
    const left = (this.#open.get(network) ?? 0) - 1;
    if (left > 0) this.#open.set(network, left);
    else this.#open.delete(network);
  }
}
