import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** Stands between clients and a server: it can cut every connection, lose answers, and be nobody there for a while. */
export class BreakableNetwork {
  readonly #targetPort: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;
  /** Whether answers get through on connections that are opened from now on; requests do. */
  answersPass = true;

  static async before(targetUrl: string): Promise<BreakableNetwork> {
    const network = new BreakableNetwork(Number(new URL(targetUrl).port));
    await network.up();
    return network;
  }

  private constructor(targetPort: number) {
    this.#targetPort = targetPort;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Cuts every connection that is open now; new ones get through. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** From now on connections are refused, as by a server that is not running. */
  async down(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.cut();
    await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  }

  /** Listens again, on the same port. */
  async up(): Promise<void> {
    const server = createServer((client) => this.#join(client));
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  #join(client: Socket): void {
    const upstream = connect(this.#targetPort, '127.0.0.1');
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    client.pipe(upstream);
    if (this.answersPass) upstream.pipe(client);
  }
}
