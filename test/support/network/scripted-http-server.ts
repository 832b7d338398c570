import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type HttpAnswer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** Answers the first request with the first answer, and so on; the last answer is repeated. */
export class ScriptedHttpServer {
  readonly requests: {
    readonly url: string;
    readonly headers: IncomingMessage['headers'];
    readonly body: string;
  }[] = [];
  readonly #server: Server;

  static async start(...answers: readonly HttpAnswer[]): Promise<ScriptedHttpServer> {
    const server = new ScriptedHttpServer(answers);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  private constructor(answers: readonly HttpAnswer[]) {
    this.#server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        const answer = answers[Math.min(this.requests.length, answers.length - 1)];
        this.requests.push({ url: request.url ?? '', headers: request.headers, body });
        answer?.(request, response, body);
      });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
