import { TestSocket } from '../client/test-socket.js';
import { ADMIN_TOKEN } from '../server/server-edge.js';

const FIRST_PROBE = 1_000_000;
/** Messages to one socket before another takes its place: what was subscribed to on it stays open that long. */
const MESSAGES_MAX = 200;
const SOUND_CLOSES = [1000, 1003, 1008, 1009, 4401];

/** A socket that is asked after each message whether it still answers. */
export class ProbedSocket {
  readonly #url: string;
  #socket: TestSocket;
  #probe = FIRST_PROBE;

  static async open(url: string): Promise<ProbedSocket> {
    return new ProbedSocket(url, await signedIn(url));
  }

  private constructor(url: string, socket: TestSocket) {
    this.#url = url;
    this.#socket = socket;
  }

  /** Undefined where the next message is answered, or the socket is closed with a reason: then it is opened again. */
  async problemOf(message: string): Promise<string | undefined> {
    const socket = this.#socket;
    const probe = (this.#probe += 1);
    socket.send(message);
    socket.send({
      id: probe,
      method: 'query',
      params: { path: 'nodes.list', input: { json: { limit: 1 } } },
    });
    const answered = socket.answerTo(probe).then(
      () => undefined,
      () => socket.closed,
    );
    const closed = await Promise.race([answered, socket.closed]);
    const isUnsound = closed !== undefined && !SOUND_CLOSES.includes(closed);
    const isInternal = socket.messages.join('').includes('internal error');
    socket.messages.length = 0;
    if (closed !== undefined || probe % MESSAGES_MAX === 0) {
      socket.close();
      this.#socket = await signedIn(this.#url);
    }
    return isUnsound || isInternal ? `${closed ?? 'internal error'} to ${message}` : undefined;
  }

  close(): void {
    this.#socket.close();
  }
}

function signedIn(url: string): Promise<TestSocket> {
  return TestSocket.open(url, { 'X-Admin-Token': ADMIN_TOKEN });
}
