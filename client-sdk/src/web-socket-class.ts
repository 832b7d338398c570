import type { ClientOptions } from 'ws';

const BOUNDS: ClientOptions & { readonly closeTimeout: number } = {
  /** A server that does not finish the handshake within this (milliseconds) is taken for away. */
  handshakeTimeout: 10_000,
  /** Wait for the other side's goodbye, milliseconds; a connection that died in silence has none to give. */
  closeTimeout: 2_000,
  /** Bytes, far above the largest frame the server sends. */
  maxPayload: 64 * 1024 * 1024,
  perMessageDeflate: false,
};

/**
 * The platform's WebSocket, or the one of `ws` in Node: version 20 has none of its own, and `ws` can bound the handshake,
 * the farewell and the size of a frame. It is loaded when first needed, and a page never needs it.
 */
export async function webSocketClass(): Promise<typeof WebSocket> {
  if (!isNode()) return WebSocket;
  const { WebSocket: NodeWebSocket } = await import('ws');
  class BoundedWebSocket extends NodeWebSocket {
    constructor(url: string) {
      super(url, BOUNDS);
    }
  }
  // They differ in what tRPC does not use: `dispatchEvent`, and the types of rarer events.
  return BoundedWebSocket as unknown as typeof WebSocket;
}

function isNode(): boolean {
  return typeof process === 'object' && typeof process.versions?.node === 'string';
}
