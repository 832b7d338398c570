import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { ClientOptions } from 'ws';

interface SocketAnswer {
  readonly id?: number | null;
  readonly result?: { readonly type?: string; readonly data?: unknown };
  readonly error?: { readonly json: unknown };
}

/** A WebSocket to `/trpc` without any client library: what is sent is what is written in the test. */
export class TestSocket {
  readonly messages: string[] = [];
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;
  #waiting: (() => void)[] = [];

  static async open(url: string, headers: Record<string, string>, query = ''): Promise<TestSocket> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/trpc${query}`, { headers });
    const opened = new TestSocket(socket);
    await once(socket, 'open');
    return opened;
  }

  /** The status with which an upgrade is answered; 101 when it is accepted. */
  static upgrade(url: string, options: ClientOptions = {}): Promise<number> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/trpc`, options);
    socket.on('error', () => undefined);
    return new Promise((resolve) => {
      socket.once('unexpected-response', (_request, response) => {
        response.resume();
        socket.terminate();
        resolve(response.statusCode ?? 0);
      });
      socket.once('open', () => {
        socket.terminate();
        resolve(101);
      });
    });
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      if (data.toString() !== 'PONG') this.messages.push(data.toString());
      this.#wake();
    });
    this.closed = new Promise((resolve) => {
      socket.once('close', (code) => {
        resolve(code);
        this.#wake();
      });
    });
  }

  send(message: unknown): void {
    this.#socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The first answer to the request of this id. */
  answerTo(id: number): Promise<SocketAnswer> {
    return this.#first((answer) => answer.id === id);
  }

  /** The error that the request of this id was answered with. */
  async refusalOf(id: number): Promise<string> {
    return JSON.stringify(
      (await this.#first((answer) => answer.id === id && answer.error !== undefined)).error,
    );
  }

  async #first(matches: (answer: SocketAnswer) => boolean): Promise<SocketAnswer> {
    for (;;) {
      const found = this.messages.map((text) => JSON.parse(text) as SocketAnswer).find(matches);
      if (found !== undefined) return found;
      if (this.#socket.readyState !== WebSocket.OPEN)
        throw new Error('the socket was closed without an answer');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  close(): void {
    this.#socket.terminate();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
