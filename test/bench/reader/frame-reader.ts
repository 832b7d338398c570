import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/** Opcodes of RFC 6455, section 5.2. */
const TEXT = 1;
const PING = 9;
const PONG = 10;

const FINAL = 0x80;
const MASKED = 0x80;
const OPCODE = 0x0f;
const LENGTH = 0x7f;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
/** Engine.IO asks whether one is there with the first, and is answered with the second. */
const ENGINE_PING = 0x32;
const ENGINE_PONG = '3';

interface FrameReaderOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent when the socket is open. */
  readonly first: readonly string[];
  /** Called with what has arrived, and how many bytes of it are the texts of messages; the frames' headers are in it too. */
  readonly onBytes: (chunk: Buffer, textBytes: number) => void;
}

/**
 * A client of a WebSocket that looks at nothing but the headers of frames, to answer pings: it must cost little, for it shares the
 * machine with what is measured. A library takes as long to read a message as a server to write it. Resolves when the socket is open.
 */
export async function openFrameReader(options: FrameReaderOptions): Promise<Socket> {
  const { hostname, port, pathname, search, host } = new URL(options.url);
  const socket = connect(Number(port), hostname);
  const headers = {
    ...options.headers,
    Host: host,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`GET ${pathname}${search} HTTP/1.1\r\n${lines.join('')}\r\n`);
  const rest = await upgraded(socket);
  const reader = new FrameReader(socket, options.onBytes);
  socket.on('data', (chunk: Buffer) => reader.read(chunk));
  reader.read(rest);
  for (const text of options.first) socket.write(clientFrame(TEXT, Buffer.from(text)));
  return socket;
}

/** Resolves to what follows the head of the answer. */
function upgraded(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let head: Buffer = Buffer.alloc(0);
    const onData = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      socket.off('data', onData);
      if (head.toString('latin1').startsWith('HTTP/1.1 101')) resolve(head.subarray(end + 4));
      else reject(new Error(`no WebSocket: ${head.toString('latin1', 0, end)}`));
    };
    socket.on('data', onData);
    socket.once('error', reject);
  });
}

class FrameReader {
  readonly #socket: Socket;
  readonly #onBytes: FrameReaderOptions['onBytes'];
  /** The beginning of a header or of a ping. */
  #held: Buffer = Buffer.alloc(0);
  /** Bytes of the present message that are still to come. */
  #toCome = 0;

  constructor(socket: Socket, onBytes: FrameReaderOptions['onBytes']) {
    this.#socket = socket;
    this.#onBytes = onBytes;
  }

  read(chunk: Buffer): void {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    let at = Math.min(this.#toCome, bytes.length);
    let textBytes = at;
    this.#toCome -= at;
    while (at < bytes.length) {
      const frame = frameAt(bytes, at);
      if (frame === undefined) break;
      const { opcode, payload, length } = frame;
      if (opcode === TEXT) {
        const here = Math.min(length, bytes.length - payload);
        textBytes += here;
        this.#toCome = length - here;
        if (length === 1 && bytes[payload] === ENGINE_PING) this.#answer(TEXT, Buffer.from(ENGINE_PONG));
      } else if (payload + length > bytes.length) break;
      else if (opcode === PING) this.#answer(PONG, bytes.subarray(payload, payload + length));
      at = Math.min(payload + length, bytes.length);
    }
    this.#held = bytes.subarray(at);
    if (textBytes > 0) this.#onBytes(bytes.subarray(0, at), textBytes);
  }

  #answer(opcode: number, payload: Buffer): void {
    this.#socket.write(clientFrame(opcode, payload));
  }
}

/** Undefined if the header is not there as a whole. */
function frameAt(
  bytes: Buffer,
  at: number,
): { readonly opcode: number; readonly payload: number; readonly length: number } | undefined {
  const opcode = (bytes[at] ?? 0) & OPCODE;
  const short = (bytes[at + 1] ?? 0) & LENGTH;
  const payload = at + 2 + (short === LENGTH_16 ? 2 : short === LENGTH_64 ? 8 : 0);
  if (payload > bytes.length) return undefined;
  if (short === LENGTH_16) return { opcode, payload, length: bytes.readUInt16BE(at + 2) };
  if (short === LENGTH_64) return { opcode, payload, length: Number(bytes.readBigUInt64BE(at + 2)) };
  return { opcode, payload, length: short };
}

/** Masked with zeros, which change nothing. */
function clientFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const header = Buffer.alloc(length < LENGTH_16 ? 6 : 8);
  header[0] = FINAL | opcode;
  header[1] = MASKED | Math.min(length, LENGTH_16);
  if (length >= LENGTH_16) header.writeUInt16BE(length, 2);
  return Buffer.concat([header, payload]);
}
