import { WebSocket as WsWebSocket } from 'ws';
import type { ClientOptions } from 'ws';

const LIMITS: ClientOptions & { readonly closeTimeout: number } = {
  /** Milliseconds. */
  handshakeTimeout: 10_000,
  /** Milliseconds. */
  closeTimeout: 2_000,
  /** Bytes; far above the largest frame that the server sends. */
  maxPayload: 64 * 1024 * 1024,
  perMessageDeflate: false,
};

export type NodeWebSocketClass = new (
  url: string,
  options?: Pick<ClientOptions, 'agent' | 'headers'>,
) => { send(data: string): void; close(): void };

class LimitedWebSocket extends WsWebSocket {
  constructor(url: string, options: ClientOptions = {}) {
    super(url, { ...LIMITS, ...options });
  }
}

/**
 * The WebSocket of Node 20, which has none of its own. The package resolves this module by its import conditions: where
 * they name another runtime than Node, it is `no-web-socket.ts`.
 */
export const NodeWebSocket: NodeWebSocketClass | undefined = LimitedWebSocket;
