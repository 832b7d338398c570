import type { ClientOptions } from 'ws';

const LIMITS: ClientOptions & { readonly closeTimeout: number } = {
  /** A server that does not finish the handshake in this time (milliseconds) counts as unreachable. */
  handshakeTimeout: 10_000,
  /** How long to wait for the peer's close frame, milliseconds; a dead connection never sends one. */
  closeTimeout: 2_000,
  /** Bytes; far above the largest frame that the server sends. */
  maxPayload: 64 * 1024 * 1024,
  perMessageDeflate: false,
};

/**
 * The platform's WebSocket in a page, and the one of `ws` in Node: Node 20 has none of its own, and `ws` can limit the
 * handshake, the closing handshake and the size of a frame. `ws` is loaded on first use, and never in a page.
 */
export async function webSocketClass(): Promise<typeof WebSocket> {
  if (!isNode()) return WebSocket;
  const { WebSocket: NodeWebSocket } = await import('ws');
  class LimitedWebSocket extends NodeWebSocket {
    constructor(url: string) {
      super(url, LIMITS);
    }
  }
  // The two classes differ only in members that tRPC does not use: `dispatchEvent` and the types of rare events.
  return LimitedWebSocket as unknown as typeof WebSocket;
}

function isNode(): boolean {
  return typeof process === 'object' && typeof process.versions?.node === 'string';
}
