import type { ServerResponse } from 'node:http';
import { BatchCache } from '../batch-cache.js';
import type { FeedBatch, FeedEnd, FeedReader, FeedSink } from '../log/feed-item.js';
import { renderBatch } from './sse-frame.js';

/** Bytes of each batch as all streams of this process share them. */
const rendered = new BatchCache((batch) => Buffer.from(renderBatch(batch), 'utf8'));

export interface SseStreamOptions {
  readonly response: ServerResponse;
  /** Bytes that may wait for a slow client before the feed is told to stop. */
  readonly bufferMaxBytes: number;
}

/** One client's response as a sink of the feed. */
export class SseStream implements FeedSink {
  readonly #response: ServerResponse;
  readonly #bufferMaxBytes: number;
  #reader: FeedReader | undefined;
  #full = false;
  #ended = false;
  #lingers = false;

  constructor(options: SseStreamOptions) {
    this.#response = options.response;
    this.#bufferMaxBytes = options.bufferMaxBytes;
  }

  /** From now on the feed's reader lives as long as the client's connection. */
  start(reader: FeedReader): void {
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

  push(batch: FeedBatch): boolean {
    if (this.#response.destroyed) return false;
    this.#response.write(rendered.get(batch));
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
