import type { WebSocketClass } from '../web-socket-class.js';

/** Answers one connection's messages of tRPC. */
interface SocketServer {
  /** Whether connections are accepted now. */
  readonly isUp: boolean;
  /** Starts a subscription; the returned function stops it. Throws an error shape where it refuses. */
  subscribe(path: string, input: unknown, send: (result: object) => void): () => void;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly path: string; readonly input?: { readonly json?: unknown } };
}

/** A class of WebSocket whose connections end in this process, and a function that cuts them. */
export function memorySocketClass(server: SocketServer): { WebSocket: WebSocketClass; cut: () => void } {
  const open = new Set<MemorySocket>();
  class Connection extends MemorySocket {
    constructor(url: string) {
      super(url, server, open);
    }
  }
  return { WebSocket: Connection, cut: () => [...open].forEach((socket) => socket.close()) };
}

class MemorySocket extends EventTarget {
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;
  readyState = 0;
  binaryType = 'blob';
  readonly url: string;
  readonly #server: SocketServer;
  readonly #open: Set<MemorySocket>;
  readonly #subscriptions = new Map<number, () => void>();

  constructor(url: string, server: SocketServer, open: Set<MemorySocket>) {
    super();
    this.url = url;
    this.#server = server;
    this.#open = open;
    // Not in a microtask: a caller attaches its listeners after a promise or two.
    setTimeout(() => {
      if (!this.#server.isUp || this.readyState !== this.CONNECTING) return this.#end();
      this.readyState = this.OPEN;
      this.#open.add(this);
      this.dispatchEvent(new Event('open'));
    }, 0);
  }

  send(data: string): void {
    if (data === 'PING') return this.#receive('PONG');
    if (data === 'PONG') return;
    const messages = [JSON.parse(data) as Message | Message[]].flat();
    for (const message of messages) queueMicrotask(() => this.#handle(message));
  }

  close(): void {
    if (this.readyState !== this.CLOSED) queueMicrotask(() => this.#end());
  }

  #handle({ id, method, params }: Message): void {
    if (id === undefined || this.readyState !== this.OPEN) return;
    if (method === 'subscription.stop') {
      this.#subscriptions.get(id)?.();
      this.#subscriptions.delete(id);
      return this.#receive(JSON.stringify({ id, result: { type: 'stopped' } }));
    }
    if (params === undefined) return;
    const answer = (message: object) => this.#receive(JSON.stringify({ id, ...message }));
    answer({ result: { type: 'started' } });
    try {
      const stop = this.#server.subscribe(params.path, params.input?.json, (result) => answer({ result }));
      this.#subscriptions.set(id, stop);
    } catch (error) {
      answer({ error: { json: error } });
    }
  }

  #receive(data: string): void {
    queueMicrotask(() => {
      if (this.readyState === this.OPEN) this.dispatchEvent(Object.assign(new Event('message'), { data }));
    });
  }

  #end(): void {
    if (this.readyState === this.CLOSED) return;
    // As every WebSocket: one that never opened has failed.
    if (this.readyState === this.CONNECTING) this.dispatchEvent(new Event('error'));
    this.readyState = this.CLOSED;
    this.#open.delete(this);
    for (const stop of this.#subscriptions.values()) stop();
    this.dispatchEvent(Object.assign(new Event('close'), { code: 1006 }));
  }
}
