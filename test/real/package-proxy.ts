import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

const ALLOWED = /^(?:pypi\.org|files\.pythonhosted\.org):443$/;

/** The only way out of a machine of the rig: tunnels to the package index, and to nothing else. */
export class PackageProxy {
  /** Where the machines wanted to go. */
  readonly refused: string[] = [];
  readonly #server: Server = createServer((_request, response) => response.writeHead(405).end());
  readonly #sockets = new Set<Socket | Duplex>();

  static async start(address: { readonly host: string; readonly port: number }): Promise<PackageProxy> {
    const proxy = new PackageProxy();
    proxy.#server.listen(address.port, address.host);
    await once(proxy.#server, 'listening');
    return proxy;
  }

  private constructor() {
    this.#server.on('connect', (request, socket) => this.#tunnel(request.url ?? '', socket));
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #tunnel(target: string, socket: Duplex): void {
    this.#track(socket);
    if (!ALLOWED.test(target)) {
      this.refused.push(target);
      return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    }
    const [host = '', port] = target.split(':');
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    this.#track(onward);
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
    socket.on('close', () => onward.destroy());
  }

  #track(socket: Socket | Duplex): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
