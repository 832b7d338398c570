import { once } from 'node:events';
import { createServer, request as requestHttp, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

interface ForwardProxyOptions {
  /** What it connects to in the place of `host:port`: names that only it can resolve. */
  readonly names?: Readonly<Record<string, number>>;
  /** `user:password` that it asks for. */
  readonly credentials?: string;
}

/** A real HTTP proxy on loopback: tunnels by CONNECT, forwards whole URLs, and remembers what it was asked for. */
export class ForwardProxy {
  /** `CONNECT example.test:443`, `GET http://example.test/x`. */
  readonly asked: string[] = [];
  /** Answers nothing from now on. */
  isSilent = false;
  readonly #server: Server;
  readonly #sockets = new Set<Socket | Duplex>();
  readonly #options: ForwardProxyOptions;

  static async start(options: ForwardProxyOptions = {}): Promise<ForwardProxy> {
    const proxy = new ForwardProxy(options);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  private constructor(options: ForwardProxyOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      this.asked.push(`${request.method} ${request.url}`);
      if (this.isSilent) return;
      if (!this.#accepts(request)) return void response.writeHead(407).end();
      const url = new URL(request.url ?? '');
      const port = this.#portOf(url.hostname, url.port === '' ? 80 : Number(url.port));
      const headers = { ...request.headers };
      delete headers['proxy-connection'];
      delete headers['proxy-authorization'];
      const path = url.pathname + url.search;
      const onward = requestHttp({ host: '127.0.0.1', port, path, method: request.method, headers });
      onward.on('response', (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      onward.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
      request.pipe(onward);
    });
    this.#server.on('connection', (socket) => this.#track(socket));
    this.#server.on('connect', (request, socket) => this.#tunnel(request, socket));
  }

  get url(): string {
    const credentials = this.#options.credentials === undefined ? '' : `${this.#options.credentials}@`;
    return `http://${credentials}127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get openConnections(): number {
    return this.#sockets.size;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #tunnel(request: IncomingMessage, socket: Duplex): void {
    this.asked.push(`CONNECT ${request.url}`);
    if (this.isSilent) return void socket.resume().on('end', () => socket.destroy());
    if (!this.#accepts(request)) return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    const target = new URL(`http://${request.url}`);
    const port = this.#portOf(target.hostname, Number(target.port || 80));
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    this.#track(onward);
    onward.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
    socket.on('error', () => onward.destroy());
    socket.on('close', () => onward.destroy());
  }

  #accepts({ headers }: IncomingMessage): boolean {
    const { credentials } = this.#options;
    if (credentials === undefined) return true;
    return headers['proxy-authorization'] === `Basic ${Buffer.from(credentials).toString('base64')}`;
  }

  #portOf(hostname: string, port: number): number {
    return this.#options.names?.[`${hostname}:${port}`] ?? port;
  }

  #track(socket: Socket | Duplex): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
