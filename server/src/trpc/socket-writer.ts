import type { Duplex } from 'node:stream';
import type { ClosingSocket } from './closing-socket.js';

interface SocketWriterOptions {
  readonly socket: ClosingSocket;
  /** The connection below the WebSocket. */
  readonly connection: Duplex;
  /** Bytes the client may be behind, in our memory, in the kernels and on the wire together. */
  readonly windowBytes: number;
  /** Called when there is room again. */
  readonly onDrain: () => void;
}

/** Pings in one window: each answer moves the window forward. */
const PINGS_PER_WINDOW = 2;
/** Once the client may be behind by this share of the window: the answers distinguish a slow client from a stalled one. */
const PINGS_PER_WINDOW_BEHIND = 32;
/** A client that reads 2 KB a second answers the first of them within 30 s, with the window of 256 KB. */
const BEHIND_SHARE = 0.22;

/**
 * Writes frames that sockets share, and measures how far the client is behind. It pings at intervals of some bytes; the
 * answer confirms that everything before the ping has arrived. The socket's own buffer does not show that: the kernel
 * takes megabytes more.
 *
 * Where several subscriptions share the socket, what they write in one delivery leaves in one call to the kernel.
 */
export class SocketWriter {
  /** Several subscriptions write to the socket. */
  isShared = false;
  readonly #socket: ClosingSocket;
  readonly #connection: Duplex;
  readonly #windowBytes: number;
  readonly #onDrain: () => void;
  #sentBytes = 0;
  #confirmedBytes = 0;
  #pingedBytes = 0;
  #full = false;
  /** A field of this object: to ask the socket would be one more cache miss for each reader. */
  #closing = false;
  #closed = false;
  #corked = false;
  #awaitingDrain: (() => void)[] = [];

  constructor({ socket, connection, windowBytes, onDrain }: SocketWriterOptions) {
    this.#socket = socket;
    this.#connection = connection;
    this.#windowBytes = windowBytes;
    this.#onDrain = onDrain;
    socket.on('pong', (payload) => this.#confirm(payload));
    const onClosing = (): void => void (this.#closing = true);
    socket.once('closing', onClosing);
    for (const event of ['end', 'error', 'close']) connection.once(event, onClosing);
  }

  /** The client has not confirmed everything that it was sent. */
  get isBehind(): boolean {
    return this.#confirmedBytes < this.#sentBytes;
  }

  /** Bytes that the client has confirmed. */
  get confirmedBytes(): number {
    return this.#confirmedBytes;
  }

  /** Takes the bytes in any case. False: send nothing more until `onDrain`. */
  write(frames: Buffer): boolean {
    if (this.#closing) return false;
    const windowBytes = this.#windowBytes;
    const sentBytes = this.#sentBytes + frames.length;
    const behindBytes = sentBytes - this.#confirmedBytes;
    const pings = behindBytes > windowBytes * BEHIND_SHARE ? PINGS_PER_WINDOW_BEHIND : PINGS_PER_WINDOW;
    const isPingDue = sentBytes - this.#pingedBytes >= windowBytes / pings;
    // A ping leaves in the same call as what it follows.
    if ((this.isShared || isPingDue) && !this.#corked) this.#cork();
    this.#connection.write(frames);
    this.#sentBytes = sentBytes;
    if (isPingDue) this.ping();
    this.#full = behindBytes > windowBytes;
    return !this.#full;
  }

  /** The same for one frame in several pieces: nothing else may come between them. */
  writePieces(pieces: readonly Buffer[]): boolean {
    if (this.#closing) return false;
    if (!this.#corked) this.#cork();
    for (const piece of pieces.slice(0, -1)) {
      this.#connection.write(piece);
      this.#sentBytes += piece.length;
    }
    // The last one counts all of them, and is followed by the ping that is due.
    const last = pieces.at(-1);
    return last === undefined || this.write(last);
  }

  /** Resolves when there is room, or when the socket is gone. */
  drained(): Promise<void> {
    if (!this.#full || this.#closed) return Promise.resolve();
    return new Promise((resolve) => this.#awaitingDrain.push(resolve));
  }

  /** Called when the socket is gone. */
  close(): void {
    this.#closed = true;
    this.#settleDrained();
  }

  ping(): void {
    if (this.#closing) return;
    this.#pingedBytes = this.#sentBytes;
    this.#socket.ping(String(this.#sentBytes));
  }

  #cork(): void {
    const connection = this.#connection;
    this.#corked = true;
    connection.cork();
    queueMicrotask(() => {
      this.#corked = false;
      connection.uncork();
    });
  }

  #confirm(payload: Buffer): void {
    const bytes = Number(payload.toString('latin1'));
    if (!(bytes > this.#confirmedBytes && bytes <= this.#sentBytes)) return;
    this.#confirmedBytes = bytes;
    if (!this.#full || this.#sentBytes - bytes > this.#windowBytes / 2) return;
    this.#full = false;
    this.#settleDrained();
    this.#onDrain();
  }

  #settleDrained(): void {
    for (const resolve of this.#awaitingDrain.splice(0)) resolve();
  }
}
