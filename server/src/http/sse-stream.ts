import type { ServerResponse } from 'node:http';
import type { FeedEnd, FeedReader } from '../log/feed-item.js';

type Reader = Pick<FeedReader, 'resume' | 'close'>;

export interface SseStreamOptions<Batch> {
  readonly response: ServerResponse;
  /** The bytes of a batch. */
  readonly render: (batch: Batch) => Buffer;
  /** Bytes that may wait for a slow client before the feed is told to stop. */
  readonly bufferMaxBytes: number;
}

/** One client's response as a sink of a feed. */
export class SseStream<Batch> {
  readonly #response: ServerResponse;
  readonly #render: (batch: Batch) => Buffer;
  readonly #bufferMaxBytes: number;
  #reader: Reader | undefined;
  #full = false;
  #ended = false;
  #lingers = false;

  constructor(options: SseStreamOptions<Batch>) {
    this.#response = options.response;
    this.#render = options.render;
    this.#bufferMaxBytes = options.bufferMaxBytes;
  }

  /** From now on the feed's reader lives as long as the client's connection. */
  start(reader: Reader): void {
    this.#reader = reader;
    this.#response.on('drain', () => {
      if (!this.#full) return;
      this.#full = false;
      reader.resume();
    });
    this.#response.once('close', () => reader.close());
    /** A client that hangs up in mid-write is an everyday thing; `close` follows. */
    this.#response.on('error', () => reader.close());
    if (this.#response.destroyed) reader.close();
  }

  push(batch: Batch): boolean {
    if (this.#response.destroyed) return false;
    this.#response.write(this.#render(batch));
    this.#full = this.#response.writableNeedDrain && this.#response.writableLength >= this.#bufferMaxBytes;
    return !this.#full;
  }

  /** Every end of the feed ends the response: the client comes again by its last id, or is answered 204. */
  end(reason: FeedEnd): void {
    this.#ended = true;
    if (reason === 'stalled') this.#response.destroy();
    else this.#response.end();
  }

  /** Called every heartbeat. */
  beat(frame: Buffer): void {
    if (this.#ended) {
      /** It was told the end a whole beat ago and has not taken it. */
      if (this.#lingers) this.#response.destroy();
      this.#lingers = true;
      return;
    }
    /** A client that is behind has something to read, and needs no sign of life. */
    if (!this.#response.writableNeedDrain) this.#response.write(frame);
  }

  close(): void {
    this.#reader?.close();
    this.#response.end();
  }
}
