import type { Readable } from 'node:stream';

type OnMessage = (channel: string, message: Buffer) => void;

/** How messages begin, in both versions of the protocol, up to the length of the channel. */
const BEGINNINGS = [
  '>3\r\n$7\r\nmessage\r\n',
  '*3\r\n$7\r\nmessage\r\n',
  '>3\r\n$8\r\nsmessage\r\n',
  '*3\r\n$8\r\nsmessage\r\n',
].map((text) => Buffer.from(text));
const RETURN = 0x0d;
const DOLLAR = 0x24;
const ZERO = 0x30;
const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Takes published messages off a subscriber's connection before the client library parses them, which costs it 5 µs each; all
 * other bytes go to the library as they came. Call it when the connection is ready, between two answers. Does nothing where the
 * library does not read as expected: it then emits the messages itself. See decision 199.
 */
export function tapMessages(stream: Readable, onMessage: OnMessage): void {
  const [parse] = stream.listeners('data') as ((bytes: Buffer) => void)[];
  if (parse === undefined) return;
  const tap = new MessageTap(onMessage, (bytes) => parse.call(stream, bytes));
  stream.removeListener('data', parse);
  stream.prependListener('data', (chunk: Buffer) => tap.take(chunk));
}

/** Divides the bytes of a connection into messages and everything else, in order. */
export class MessageTap {
  readonly #onMessage: OnMessage;
  readonly #passOn: (bytes: Buffer) => void;
  /** The beginning of what has not arrived as a whole. */
  #rest = NOTHING;
  /** Something else than RESP arrived: nobody but the library can make sense of what follows. */
  #lost = false;

  constructor(onMessage: OnMessage, passOn: (bytes: Buffer) => void) {
    this.#onMessage = onMessage;
    this.#passOn = passOn;
  }

  take(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (at < bytes.length && !this.#lost) {
      const end = this.#takeMessage(bytes, at) ?? this.#passValue(bytes, at);
      if (end === INCOMPLETE) break;
      at = end;
    }
    this.#rest = bytes.subarray(at);
    if (!this.#lost || this.#rest.length === 0) return;
    this.#passOn(this.#rest);
    this.#rest = NOTHING;
  }

  /** Returns the end of a message; undefined if there is none. */
  #takeMessage(bytes: Buffer, at: number): number | undefined {
    const beginning = BEGINNINGS.find((each) => standsAt(bytes, at, each));
    if (beginning === undefined) return undefined;
    const channel = textAt(bytes, at + beginning.length);
    if (channel === undefined || channel === INCOMPLETE) return channel;
    const message = textAt(bytes, channel.end + 2);
    if (message === undefined || message === INCOMPLETE) return message;
    const name = bytes.toString('utf8', channel.begin, channel.end);
    this.#onMessage(name, bytes.subarray(message.begin, message.end));
    return message.end + 2;
  }

  #passValue(bytes: Buffer, at: number): number {
    const end = valueEnd(bytes, at);
    if (end === undefined) this.#lost = true;
    else if (end !== INCOMPLETE) this.#passOn(bytes.subarray(at, end));
    return end ?? at;
  }
}

const INCOMPLETE = -1;

function standsAt(bytes: Buffer, at: number, text: Buffer): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (bytes[at + index] !== text[index]) return false;
  }
  return true;
}

interface TextBounds {
  readonly begin: number;
  readonly end: number;
}

/** The bounds of a text with its length before it; undefined if it is something else. */
function textAt(bytes: Buffer, at: number): TextBounds | typeof INCOMPLETE | undefined {
  if (at >= bytes.length) return INCOMPLETE;
  if (bytes[at] !== DOLLAR) return undefined;
  let length = 0;
  let place = at + 1;
  for (; bytes[place] !== RETURN; place += 1) {
    const byte = bytes[place];
    if (byte === undefined) return INCOMPLETE;
    if (byte < ZERO || byte > ZERO + 9) return undefined;
    length = length * 10 + byte - ZERO;
  }
  const begin = place + 2;
  const end = begin + length;
  return end + 2 <= bytes.length ? { begin, end } : INCOMPLETE;
}

/** The end of one value of RESP 2 or 3; undefined if it is none. */
function valueEnd(bytes: Buffer, at: number): number | undefined {
  const lineEnd = bytes.indexOf('\r\n', at, 'latin1');
  const type = String.fromCharCode(bytes[at] ?? 0);
  if (!'+-:_#,($=!*>~%|'.includes(type)) return undefined;
  if (lineEnd < 0) return INCOMPLETE;
  const next = lineEnd + 2;
  if ('+-:_#,('.includes(type)) return next;
  const size = Number(bytes.toString('latin1', at + 1, lineEnd));
  if (!Number.isInteger(size)) return undefined;
  if (size < 0) return next;
  if ('$=!'.includes(type)) return next + size + 2 <= bytes.length ? next + size + 2 : INCOMPLETE;
  let end: number | undefined = next;
  // An attribute comes before the value that it belongs to.
  const values = type === '%' ? 2 * size : type === '|' ? 2 * size + 1 : size;
  for (let index = 0; index < values; index += 1) {
    end = end < bytes.length ? valueEnd(bytes, end) : INCOMPLETE;
    if (end === undefined || end === INCOMPLETE) return end;
  }
  return end;
}
