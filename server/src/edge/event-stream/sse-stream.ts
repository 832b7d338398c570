import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FeedEnd, StreamHandle } from '../../feed/feed-item.js';

interface SseStreamOptions<Batch> {
  readonly response: ServerResponse;
  readonly render: (batch: Batch) => string;
  /** Bytes that may wait for a slow client before the feed must stop sending. */
  readonly bufferMaxBytes: number;
  /** Sent before the end of a stream that has nothing more to send. */
  readonly completed: string;
}

/** `full`: more than the buffer waits for the client. `overdue`: the end was sent one heartbeat ago and is unread. */
type SseState = 'open' | 'full' | 'ended' | 'overdue';

/**
 * One client's response as a sink of a feed.
 *
 *     open --push beyond the buffer--> full
 *     open <---------drain------------ full
 *     open, full --end of the feed, close--> ended --heartbeat--> overdue --heartbeat--> destroyed
 *
 * The connection may close in every state: the feed's reader ends with it.
 */
export class SseStream<Batch> {
  readonly #response: ServerResponse;
  readonly #render: (batch: Batch) => string;
  readonly #bufferMaxBytes: number;
  readonly #completed: string;
  #reader: StreamHandle | undefined;
  /** Takes chunks that other streams share. Undefined until the head is written, and for HTTP/1.0. */
  #connection: Socket | undefined;
  #state: SseState = 'open';

  constructor(options: SseStreamOptions<Batch>) {
    this.#response = options.response;
    this.#render = options.render;
    this.#bufferMaxBytes = options.bufferMaxBytes;
    this.#completed = options.completed;
  }

  /** From now on the feed's reader lives as long as the client's connection. */
  start(reader: StreamHandle): void {
    this.#reader = reader;
    const { socket, chunkedEncoding } = this.#response;
    if (chunkedEncoding && socket !== null) this.#connection = socket;
    const drained = this.#connection ?? this.#response;
    const onDrain = (): void => {
      if (this.#state !== 'full') return;
      this.#state = 'open';
      reader.resume();
    };
    drained.on('drain', onDrain);
    this.#response.once('close', () => {
      // The connection may outlive the response.
      drained.off('drain', onDrain);
      reader.close();
    });
    // Clients often hang up in the middle of a write; `close` follows.
    this.#response.on('error', () => reader.close());
    if (this.#response.destroyed) reader.close();
  }

  push(batch: Batch): boolean {
    if (this.#isOver || this.#response.destroyed) return false;
    const text = this.#render(batch);
    if (this.#connection === undefined) this.#response.write(text);
    else this.#connection.write(sharedChunk(text), 'latin1');
    const { writableNeedDrain, writableLength } = this.#connection ?? this.#response;
    this.#state = writableNeedDrain && writableLength >= this.#bufferMaxBytes ? 'full' : 'open';
    return this.#state === 'open';
  }

  /** Bytes that the operating system has taken for the client. What the client itself has read is not known here. */
  progress(): number {
    const { bytesWritten = 0, writableLength = 0 } = this.#connection ?? this.#response.socket ?? {};
    return bytesWritten - writableLength;
  }

  /** Every end of the feed ends the response. A client that reconnects with its last id continues, or is answered 204. */
  end(reason: FeedEnd): void {
    this.#state = 'ended';
    if (reason === 'stalled') this.#response.destroy();
    else if (reason === 'done' && this.#completed !== '') this.#response.end(this.#completed);
    else this.#response.end();
  }

  /** Called every heartbeat. */
  beat(frame: Buffer): void {
    switch (this.#state) {
      case 'open':
      case 'full': {
        // A client that is behind has something to read, and needs no heartbeat.
        const { writableNeedDrain } = this.#connection ?? this.#response;
        if (!writableNeedDrain) this.#response.write(frame);
        return;
      }
      case 'ended':
        this.#state = 'overdue';
        return;
      case 'overdue':
        this.#response.destroy();
    }
  }

  close(): void {
    this.#reader?.close();
    this.#state = 'ended';
    this.#response.end();
  }

  get #isOver(): boolean {
    return this.#state === 'ended' || this.#state === 'overdue';
  }
}

/**
 * A text as one chunk of a chunked HTTP/1.1 body (RFC 9112, section 7.1), where `response.write` would take three writes.
 * Streams that send the same text one after another share its bytes. For the first of them there are none: text without
 * other characters than ASCII is written as it is, which makes no garbage where a log has one reader. See decision 90.
 */
function sharedChunk(text: string): Buffer | string {
  if (last?.text === text) {
    if (typeof last.chunk === 'string') last.chunk = Buffer.from(last.chunk, 'latin1');
    return last.chunk;
  }
  const size = Buffer.byteLength(text);
  const chunk = `${size.toString(16)}\r\n${text}\r\n`;
  last = { text, chunk: size === text.length ? chunk : Buffer.from(chunk) };
  return last.chunk;
}

let last: { readonly text: string; chunk: Buffer | string } | undefined;
