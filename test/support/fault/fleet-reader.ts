import { request, type ClientRequest } from 'node:http';
import { WebSocket } from 'ws';
import { parseCursor } from '@launchlog/shared/cursor';

export interface FleetTarget {
  readonly url: string;
  readonly token: string;
  readonly nodeId: string;
}

/** What one reader got over all its connections, held against the contract as it came. */
export class ReaderTally {
  delivered = 0;
  repeated = 0;
  lost = 0;
  /** Entries of another log than the one the reader was in, with no reset before that names it. */
  unannounced = 0;
  resets = 0;
  gaps = 0;
  notices = 0;
  connects = 0;
  done = false;
  cursor: string | undefined;
  #place: { epoch: string; seq: number } | undefined;
  #named: string | undefined;

  /** One event of the stream with its id, where it has one. */
  take(event: string, id: string | undefined, data: () => Record<string, unknown>): void {
    if (event === 'log' && id !== undefined) this.#takeEntry(id);
    else if (event === 'gap') {
      this.gaps += 1;
      if (this.#place !== undefined) this.#place.seq = Number(data()['to_seq']);
    } else if (event === 'reset') {
      this.resets += 1;
      this.#place = undefined;
      this.#named = String(data()['epoch']);
    } else if (event === 'notice') this.notices += 1;
    else if (event === 'done' && id?.endsWith(':done') === true) this.done = true;
    this.cursor = id ?? this.cursor;
  }

  #takeEntry(id: string): void {
    const cursor = parseCursor(id);
    if (cursor === undefined) throw new Error(`no cursor: ${id}`);
    const { epoch, seq } = cursor;
    this.delivered += 1;
    if (this.#place === undefined) {
      if (this.#named !== undefined && this.#named !== epoch) this.unannounced += 1;
    } else if (this.#place.epoch !== epoch) this.unannounced += 1;
    else if (seq <= this.#place.seq) this.repeated += 1;
    else this.lost += seq - this.#place.seq - 1;
    this.#place = { epoch, seq };
    this.#named = undefined;
  }
}

/** A client that reconnects by its cursor until it has had the end. */
export class FleetReader {
  readonly tally = new ReaderTally();
  readonly #kind: 'sse' | 'trpc';
  readonly #target: (connects: number) => FleetTarget;
  #close: (() => void) | undefined;
  #retry: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(kind: 'sse' | 'trpc', target: (connects: number) => FleetTarget) {
    this.#kind = kind;
    this.#target = target;
  }

  connect(): void {
    if (this.#stopped || this.tally.done) return;
    const target = this.#target(this.tally.connects);
    this.tally.connects += 1;
    if (this.#kind === 'sse') this.#readSse(target);
    else this.#readTrpc(target);
  }

  /** As a network does it that breaks. */
  cut(): void {
    this.#close?.();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
    this.cut();
  }

  #again(): void {
    this.#close = undefined;
    if (this.#stopped || this.tally.done) return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.connect(), RETRY_MIN_MS + Math.random() * RETRY_SPREAD_MS);
  }

  #readSse({ url, token, nodeId }: FleetTarget): void {
    const { cursor } = this.tally;
    const headers = { 'X-Admin-Token': token, ...(cursor !== undefined && { 'Last-Event-ID': cursor }) };
    const sent: ClientRequest = request(`${url}/admin/nodes/${nodeId}/logs/stream?tail=10000`, {
      headers,
      agent: false,
    });
    this.#close = () => sent.destroy();
    sent.on('error', () => undefined);
    sent.on('close', () => this.#again());
    sent.on('response', (response) => {
      if (response.statusCode === 204) this.tally.done = true;
      if (response.statusCode !== 200) return void response.resume();
      response.on('error', () => undefined);
      let rest = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        const frames = (rest + text).split('\n\n');
        rest = frames.pop() ?? '';
        for (const frame of frames) this.#takeFrame(frame);
      });
    });
    sent.end();
  }

  #takeFrame(frame: string): void {
    const event = /^event: (.*)$/m.exec(frame)?.[1];
    if (event === undefined) return;
    const id = /^id: (.*)$/m.exec(frame)?.[1];
    this.tally.take(event, id, () => JSON.parse(/^data: (.*)$/m.exec(frame)?.[1] ?? '{}') as Data);
    if (this.tally.done) this.cut();
  }

  #readTrpc({ url, token, nodeId }: FleetTarget): void {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/trpc`, {
      headers: { 'X-Admin-Token': token },
      perMessageDeflate: false,
    });
    this.#close = () => socket.terminate();
    socket.on('error', () => undefined);
    socket.on('close', () => this.#again());
    socket.on('open', () => {
      const { cursor } = this.tally;
      const json = { nodeId, tail: 10_000, ...(cursor !== undefined && { lastEventId: cursor }) };
      const params = { path: 'nodes.logsStream', input: { json } };
      socket.send(JSON.stringify({ id: 1, method: 'subscription', params }));
    });
    socket.on('message', (data: Buffer) => this.#takeMessage(data.toString('utf8'), socket));
  }

  #takeMessage(text: string, socket: WebSocket): void {
    const message = JSON.parse(text) as TrpcMessage;
    if (message.method === 'reconnect' || message.error !== undefined) return socket.terminate();
    if (message.result?.type !== 'data') return;
    const { id, data } = message.result.data.json;
    this.tally.take(data.type, id, () => data[data.type] as Data);
    if (this.tally.done) this.cut();
  }
}

type Data = Record<string, unknown>;

interface TrpcMessage {
  readonly method?: string;
  readonly error?: unknown;
  readonly result?: {
    readonly type: string;
    readonly data: {
      readonly json: { readonly id: string; readonly data: Data & { readonly type: string } };
    };
  };
}

const RETRY_MIN_MS = 50;
const RETRY_SPREAD_MS = 400;
