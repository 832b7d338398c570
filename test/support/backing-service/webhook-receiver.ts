import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { eventually } from '../within.js';

export interface ReceivedPost {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Respond = (response: ServerResponse, post: ReceivedPost, nth: number) => void;

/** A real HTTP server that keeps what was posted to it and answers as the test sets it; 200 at first. */
export class WebhookReceiver {
  readonly posts: ReceivedPost[] = [];
  respond: Respond = (response) => void response.end('ok');
  readonly #server: Server;

  static async start(host = '127.0.0.1', port = 0): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver();
    receiver.#server.listen(port, host);
    await once(receiver.#server, 'listening');
    return receiver;
  }

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const post: ReceivedPost = {
          method: request.method,
          path: request.url,
          headers: request.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        };
        this.posts.push(post);
        this.respond(response, post, this.posts.length);
      });
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  url(path = '/hook'): string {
    return `http://${this.host}${path}`;
  }

  /** Answers every post with this status from now on. */
  answer(status: number, headers: Record<string, string> = {}, body = ''): void {
    this.respond = (response) => void response.writeHead(status, headers).end(body);
  }

  /** Takes posts and answers none from now on. */
  fallSilent(): void {
    this.respond = () => undefined;
  }

  async waitFor(count: number): Promise<readonly ReceivedPost[]> {
    const state = () => `${count} posts, of which ${this.posts.length} came`;
    return eventually(state, () => this.posts.length >= count && this.posts);
  }

  openConnections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
    });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
