import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

const TYPE_A = 1;
const HEADER_BYTES = 12;

/** The answer to the nth question (from 1) for a name: its IPv4 addresses, or 'silence'. */
export type AnswerName = (name: string, nth: number) => readonly string[] | 'silence';

/** A small name server: A records as the test sets them, no AAAA records. It counts the questions for A. */
export class ReceiverNames {
  readonly questions: string[] = [];
  readonly #socket: Socket = createSocket('udp4');
  readonly #answer: AnswerName;

  static async start(answer: AnswerName): Promise<ReceiverNames> {
    const names = new ReceiverNames(answer);
    names.#socket.bind(0, '127.0.0.1');
    await once(names.#socket, 'listening');
    return names;
  }

  private constructor(answer: AnswerName) {
    this.#answer = answer;
    this.#socket.on('message', (query, from) => {
      const reply = this.#replyTo(query);
      if (reply !== undefined) this.#socket.send(reply, from.port, from.address);
    });
  }

  /** For a resolver's list of servers. */
  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  async stop(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  #replyTo(query: Buffer): Buffer | undefined {
    const { name, end } = questionOf(query);
    const type = query.readUInt16BE(end);
    if (type === TYPE_A) this.questions.push(name);
    const addresses = type === TYPE_A ? this.#answer(name, this.questions.length) : [];
    if (addresses === 'silence') return undefined;
    const question = query.subarray(HEADER_BYTES, end + 4);
    const header = Buffer.alloc(HEADER_BYTES);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(0x81_80, 2); // an answer, recursion available, no error
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(addresses.length, 6);
    return Buffer.concat([header, question, ...addresses.map(recordOf)]);
  }
}

function questionOf(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), end: at + 1 };
}

function recordOf(address: string): Buffer {
  const fixed = Buffer.alloc(12);
  fixed.writeUInt16BE(0xc0_0c, 0); // the name of the question
  fixed.writeUInt16BE(TYPE_A, 2);
  fixed.writeUInt16BE(1, 4);
  fixed.writeUInt32BE(0, 6); // not to be kept
  fixed.writeUInt16BE(4, 10);
  return Buffer.concat([fixed, Buffer.from(address.split('.').map(Number))]);
}
