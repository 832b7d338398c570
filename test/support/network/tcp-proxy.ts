import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

interface Link {
  readonly client: Socket;
  readonly upstream: Socket;
  subscribes: boolean;
  silent: boolean;
}

/** Stands between a client and a Redis server, and breaks connections in the ways networks do. */
export class TcpProxy {
  static async start(targetPort: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  readonly #server: Server;
  readonly #links = new Set<Link>();

  private constructor(targetPort: number) {
    this.#server = createServer((client) => this.#join(client, targetPort));
  }

  get port(): number {
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('the proxy does not listen');
    return address.port;
  }

  get subscribers(): number {
    return [...this.#links].filter(({ subscribes }) => subscribes).length;
  }

  /** Connections that have subscribed carry nothing any more, and neither side notices. */
  silenceSubscribers(): void {
    for (const link of this.#links) if (link.subscribes) link.silent = true;
  }

  /** What the server answers from now on does not arrive on the connections for commands, which then break. */
  async loseRepliesUntil(work: Promise<unknown>): Promise<void> {
    const links = [...this.#links].filter(({ subscribes }) => !subscribes);
    for (const link of links) link.silent = true;
    await work;
    for (const { client } of links) client.destroy();
  }

  async close(): Promise<void> {
    for (const { client } of this.#links) client.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket, targetPort: number): void {
    const upstream = connect(targetPort, '127.0.0.1');
    const link: Link = { client, upstream, subscribes: false, silent: false };
    this.#links.add(link);
    client.on('data', (chunk) => {
      if (chunk.includes('subscribe')) link.subscribes = true;
      // Commands still arrive: only the way back is lost, or both of a subscriber that was silenced.
      if (!(link.silent && link.subscribes)) upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (!link.silent) client.write(chunk);
    });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#links.delete(link);
        other.destroy();
      });
    }
  }
}
