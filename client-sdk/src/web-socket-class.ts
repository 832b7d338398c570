/** What the client needs of a WebSocket: the class of the platform, of `ws`, or a stand-in for tests. */
type WebSocketClass = new (url: string) => { send(data: string): void; close(): void };

/** A server that does not finish the handshake in this time counts as unreachable. */
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** How long to wait for the peer's close frame; a dead connection never sends one. */
const CLOSE_TIMEOUT_MS = 2_000;

/**
 * The given class, else the platform's, else in Node 20, which has none of its own, that of `ws`. It is looked up on each
 * call, so that one which a test puts in the place of the global one is used. Throws a TypeError where there is none.
 */
export async function webSocketClass(given: WebSocketClass | undefined): Promise<typeof WebSocket> {
  const found = given ?? globalThis.WebSocket ?? (await import('./node-web-socket.js')).NodeWebSocket;
  if (typeof found !== 'function') {
    throw new TypeError("this runtime has no WebSocket: pass a class of one as the option 'WebSocket'");
  }
  return bounded(found as typeof WebSocket);
}

/** Neither the opening nor the closing handshake of a browser's WebSocket has a deadline that a program can set. */
function bounded(Base: typeof WebSocket): typeof WebSocket {
  return class BoundedWebSocket extends Base {
    constructor(url: string | URL) {
      super(url);
      const timer = setTimeout(() => this.close(), HANDSHAKE_TIMEOUT_MS);
      const settle = () => clearTimeout(timer);
      this.addEventListener('open', settle);
      this.addEventListener('close', settle);
      this.addEventListener('error', settle);
    }

    override close(code?: number, reason?: string): void {
      if (this.readyState < this.CLOSING && typeof this.dispatchEvent === 'function') {
        const timer = setTimeout(() => this.dispatchEvent(new Event('close')), CLOSE_TIMEOUT_MS);
        this.addEventListener('close', () => clearTimeout(timer));
      }
      if (code === undefined) super.close();
      else super.close(code, reason);
    }
  };
}
