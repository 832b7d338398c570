/** What the client needs of a WebSocket: the class of the platform, of `ws`, or a stand-in for tests. */
export type WebSocketClass = new (url: string) => {
  /** Sends one text frame. */
  send(data: string): void;
  /** Begins the closing handshake. */
  close(): void;
};

/** As `ws` and the WebSockets of Node, Bun and Deno take them. */
interface WithHeaders {
  readonly headers: Readonly<Record<string, string>>;
}

/** A server that does not finish the handshake in this time counts as unreachable. */
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** How long to wait for the peer's close frame; a dead connection never sends one. */
const CLOSE_TIMEOUT_MS = 2_000;

/**
 * The given class, else the platform's, else in Node 20, which has none of its own, that of `ws`. It is looked up for each
 * connection, so that a class which a test puts in the place of the global one is used. Throws a TypeError where there is no class.
 * `onThrown` gets what the class itself throws: no attempt will go better.
 */
export async function webSocketClass(
  given: WebSocketClass | undefined,
  onThrown: (cause: unknown) => void,
  headers?: WithHeaders['headers'],
): Promise<typeof WebSocket> {
  const found = given ?? globalThis.WebSocket ?? (await import('./node-web-socket.js')).NodeWebSocket;
  if (typeof found !== 'function') {
    throw new TypeError("this runtime has no WebSocket: pass a class of one as the option 'WebSocket'");
  }
  if (headers !== undefined && given === undefined && 'document' in globalThis) {
    throw new TypeError(
      "the option 'headers' cannot be sent by the WebSocket of a browser: pass a class that can as the option 'WebSocket'",
    );
  }
  return bounded(found as typeof WebSocket, { onThrown, headers });
}

/** Neither the opening nor the closing handshake of a browser's WebSocket has a deadline that a program can set. */
function bounded(
  Base: typeof WebSocket,
  { onThrown, headers }: { onThrown: (cause: unknown) => void; headers: WithHeaders['headers'] | undefined },
): typeof WebSocket {
  // The standard knows sub-protocols alone in this place; the classes that can send headers also take options.
  const options = headers === undefined ? undefined : ({ headers } as WithHeaders & string[]);
  return class BoundedWebSocket extends Base {
    static override readonly CONNECTING = 0;
    static override readonly OPEN = 1;
    static override readonly CLOSING = 2;
    static override readonly CLOSED = 3;

    constructor(url: string | URL) {
      try {
        super(String(url), options);
      } catch (cause) {
        onThrown(cause);
        throw cause;
      }
      const timer = setTimeout(() => this.close(), HANDSHAKE_TIMEOUT_MS);
      const settle = () => clearTimeout(timer);
      for (const event of ['open', 'close', 'error']) this.addEventListener(event, settle);
    }

    override close(code?: number, reason?: string): void {
      if (this.readyState < BoundedWebSocket.CLOSING && typeof this.dispatchEvent === 'function') {
        const timer = setTimeout(() => this.dispatchEvent(new Event('close')), CLOSE_TIMEOUT_MS);
        this.addEventListener('close', () => clearTimeout(timer));
      }
      if (code === undefined) super.close();
      else super.close(code, reason);
    }
  };
}
