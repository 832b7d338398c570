import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FeedEnd, StreamHandle } from '../../feed/feed-item.js';

interface SseStreamOptions<Batch> {
  readonly response: ServerResponse;
  /** The bytes of a batch. */
  readonly render: (batch: Batch) => Buffer;
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
  readonly #render: (batch: Batch) => Buffer;
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
    const bytes = this.#render(batch);
    if (this.#connection === undefined) this.#response.write(bytes);
    else this.#connection.write(sharedChunk(bytes));
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
 * Bytes as one chunk of a chunked HTTP/1.1 body (RFC 9112, section 7.1). Streams that send the same bytes one after another
 * share it; `response.write` would take three writes for each of them. See decision 90.
 */
function sharedChunk(body: Buffer): Buffer {
  if (last?.body === body) return last.chunk;
  const size = `${body.length.toString(16)}\r\n`;
  const chunk = Buffer.allocUnsafe(size.length + body.length + LINE_END.length);
  chunk.write(size, 0, 'latin1');
  body.copy(chunk, size.length);
  chunk.write(LINE_END, size.length + body.length, 'latin1');
  last = { body, chunk };
  return chunk;
}

const LINE_END = '\r\n';
let last: { readonly body: Buffer; readonly chunk: Buffer } | undefined;
