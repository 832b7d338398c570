import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { FUZZ_IN_FLIGHT } from './fuzz-run.js';

interface FuzzRequest {
  readonly method: string;
  /** As it goes into the request line; see `inUrl`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An answer that takes longer is a hang. */
const ANSWER_WITHIN_MS = 15_000;
/** Status of a request whose connection was ended without an answer. */
const NO_ANSWER = 0;

/**
 * Sends what `fetch` would refuse or tidy up first: any method, any path. Connections are kept, which is what makes
 * a hundred thousand requests a matter of minutes.
 */
export class FuzzClient {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: FUZZ_IN_FLIGHT });

  constructor(url: string, headers: Readonly<Record<string, string>>) {
    this.#url = url;
    this.#headers = headers;
  }

  /** What is wrong with the answer, and to which request: 5xx, none at all, or none in time. Undefined where nothing is. */
  async problemOf(given: FuzzRequest): Promise<string | undefined> {
    const answer = await this.#send(given).catch((error: unknown) => String(error));
    /** Nobody is to tunnel through us: node:http hangs up. */
    if (given.method === 'CONNECT' && answer === NO_ANSWER) return undefined;
    if (typeof answer === 'number' && answer >= 200 && answer < 500) return undefined;
    return `${answer} to ${JSON.stringify(given)}`;
  }

  close(): void {
    this.#agent.destroy();
  }

  #send({ method, path, headers, body }: FuzzRequest, isSecond = false): Promise<number> {
    return new Promise((resolve, reject) => {
      const outgoing = request(this.#url, {
        method,
        path,
        agent: this.#agent,
        headers: { ...this.#headers, ...headers },
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      outgoing.once('response', (answer) => void read(answer).then(resolve, reject));
      outgoing.once('connect', (answer, socket) => {
        socket.destroy();
        resolve(answer.statusCode ?? NO_ANSWER);
      });
      outgoing.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ECONNRESET') return reject(error);
        /** The server may close a kept connection at the moment in which it is used again. */
        if (outgoing.reusedSocket && !isSecond)
          return resolve(
            this.#send({ method, path, ...(headers && { headers }), ...(body && { body }) }, true),
          );
        resolve(NO_ANSWER);
      });
      outgoing.end(body);
    });
  }
}

/** To its end, but for a stream, which may have none. */
async function read(answer: IncomingMessage): Promise<number> {
  if (answer.headers['content-type'] === 'text/event-stream') answer.destroy();
  else for await (const _ of answer);
  return answer.statusCode ?? NO_ANSWER;
}
