import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';

export interface SseFrame {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: string;
}

/** Reads a stream as simple clients do: lines of bytes, split at line feeds, with nothing else known of SSE. */
export class SseReader {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly comments: string[] = [];
  retry: number | undefined;
  raw = '';
  readonly #response: IncomingMessage;
  readonly #frames: SseFrame[] = [];
  #waiting: (() => void)[] = [];
  #rest = '';
  #ended = false;

  static open(url: string, headers: Record<string, string> = {}): Promise<SseReader> {
    return new Promise((resolve, reject) => {
      const sent = request(url, { headers, agent: false });
      sent.on('response', (response) => resolve(new SseReader(response)));
      sent.on('error', reject);
      sent.end();
    });
  }

  private constructor(response: IncomingMessage) {
    this.#response = response;
    this.status = response.statusCode ?? 0;
    this.headers = response.headers;
    response.setEncoding('utf8');
    response.on('data', (text: string) => this.#read(text));
    response.on('close', () => {
      this.#ended = true;
      this.#wake();
    });
    response.on('error', () => undefined);
  }

  /** The frames up to and including the first that matches, or to the end of the response. */
  async until(matches: (frame: SseFrame) => boolean): Promise<SseFrame[]> {
    for (;;) {
      const index = this.#frames.findIndex(matches);
      if (index >= 0) return this.#frames.splice(0, index + 1);
      if (this.#ended) return this.#frames.splice(0);
      await this.#next();
    }
  }

  toEnd(): Promise<SseFrame[]> {
    return this.until(() => false);
  }

  async untilComment(text: string): Promise<void> {
    while (!this.comments.includes(text) && !this.#ended) await this.#next();
  }

  pause(): void {
    this.#response.pause();
  }

  resume(): void {
    this.#response.resume();
  }

  close(): void {
    this.#response.destroy();
  }

  #next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #read(text: string): void {
    this.raw += text;
    this.#rest += text;
    for (let end = this.#rest.indexOf('\n\n'); end >= 0; end = this.#rest.indexOf('\n\n')) {
      this.#take(this.#rest.slice(0, end));
      this.#rest = this.#rest.slice(end + 2);
    }
    this.#wake();
  }

  #take(block: string): void {
    const fields = new Map<string, string>();
    for (const line of block.split('\n')) {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon);
      const value = line.slice(colon + 1).replace(/^ /, '');
      if (name === '') this.comments.push(value);
      else if (name === 'retry') this.retry = Number(value);
      else fields.set(name, value);
    }
    if (fields.size === 0) return;
    this.#frames.push({
      event: fields.get('event') ?? 'message',
      id: fields.get('id'),
      data: fields.get('data') ?? '',
    });
  }
}
