import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { callTRPCProcedure, getTRPCErrorFromUnknown } from '@trpc/server';
import type { TRPCClientOutgoingMessage } from '@trpc/server/rpc';
import type { WebSocket } from 'ws';
import { LaunchlogError } from '@launchlog/shared/error-code';
import type { Authenticator } from '../auth/authenticator.js';
import type { FeedEnd } from '../feed/feed-item.js';
import type { LogFeed } from '../feed/log-feed.js';
import type { Logger } from '../logger.js';
import type { Principal } from '../principal.js';
import { errorShape } from './error-shape.js';
import { REFUSED_INPUT, transformer } from './input-transformer.js';
import { attachedStream } from './attached-stream.js';
import { parseMessage, splitMessages } from './client-messages.js';
import { messagePrefix } from './log-stream-frames.js';
import { LogStreamSubscription } from './log-stream-subscription.js';
import { attachmentOf } from './procedure.js';
import type { Attachment, TrpcContext } from './procedure.js';
import type { AppRouter } from './router.js';
import type { SocketStream } from './socket-stream.js';
import { SocketWriter } from './socket-writer.js';
import { WsAdapterConnection } from './ws-adapter-connection.js';
import { framedPieces, textFrame } from './output/text-frame.js';
import { logUnexpected } from './trpc-http.js';

interface TrpcConnectionOptions {
  readonly socket: WebSocket;
  readonly connection: Duplex;
  readonly request: IncomingMessage;
  readonly principal: Principal;
  readonly services: ConnectionServices;
}

/** The services that all connections share. */
export interface ConnectionServices {
  readonly router: AppRouter;
  readonly feed: Pick<LogFeed, 'attach'>;
  readonly logger: Logger;
  readonly authenticator: Pick<Authenticator, 'meter' | 'authorize' | 'runHeavyRead'>;
  /** Subscriptions at once on one socket. */
  readonly subscriptionsMax: number;
  /** How many bytes one client may be behind. */
  readonly windowBytes: number;
}

type Request = Extract<TRPCClientOutgoingMessage, { params: unknown }>;
type RequestId = number | string;

const CLOSE_SERVICE_RESTART = 1012;
const CLOSE_POLICY = 1008;
/** A tRPC client that reconnects sends all its pending calls in one message. */
const CALLS_PER_MESSAGE_MAX = 500;

/**
 * One authenticated socket. Streams of logs and watches of nodes, which are nearly all of the traffic, are served here with
 * bytes that all sockets share; everything else goes to tRPC's own adapter. See decision 41.
 */
export class TrpcConnection {
  readonly #options: TrpcConnectionOptions;
  readonly #writer: SocketWriter;
  readonly #streams = new Map<RequestId, SocketStream>();
  #adapterSubscriptions = 0;
  #adapter: WsAdapterConnection | undefined;
  #askedToReconnect = false;

  constructor(options: TrpcConnectionOptions) {
    this.#options = options;
    const { socket, connection, services } = options;
    const onDrain = (): void => {
      for (const stream of this.#streams.values()) stream.resume();
    };
    this.#writer = new SocketWriter({ socket, connection, windowBytes: services.windowBytes, onDrain });
  }

  get isBehind(): boolean {
    return this.#writer.isBehind;
  }

  /** Log streams of single nodes. */
  get streams(): number {
    return [...this.#streams.values()].filter((stream) => stream instanceof LogStreamSubscription).length;
  }

  ping(): void {
    this.#writer.ping();
  }

  /** Serves one message of the client. Returns the number of calls in it. */
  receive(data: Buffer): number {
    const messages = splitMessages(data);
    const calls = messages?.length ?? 1;
    if (calls > CALLS_PER_MESSAGE_MAX) {
      this.#options.socket.close(CLOSE_POLICY, 'too many calls in one message');
      return calls;
    }
    const forAdapter = messages?.filter((message) => !this.#serves(message)) ?? [];
    if (messages === undefined || forAdapter.length === calls) this.#handOver(data);
    else if (forAdapter.length > 0) this.#handOver(Buffer.from(JSON.stringify(forAdapter)));
    return calls;
  }

  /** The client then opens a new socket, moves its subscriptions there and closes this one. */
  askToReconnect(): void {
    if (this.#askedToReconnect) return;
    this.#askedToReconnect = true;
    this.#send('{"id":null,"method":"reconnect"}');
  }

  close(): void {
    for (const stream of this.#streams.values()) stream.close();
    this.#streams.clear();
    this.#adapter?.close();
    this.#writer.close();
  }

  /** Starts or stops a stream of ours. False for every other message: tRPC's adapter answers it. */
  #serves(raw: unknown): boolean {
    const message = parseMessage(raw);
    const id = message?.id;
    if (message === undefined || id === null || id === undefined) return false;
    if (message.method === 'subscription.stop') return this.#stop(id);
    if (message.method !== 'subscription') return false;
    const attachment = attachmentOf(this.#options.services.router, message.params.path);
    if (attachment === undefined) return false;
    void this.#subscribe(id, message, attachment);
    return true;
  }

  #stop(id: RequestId): boolean {
    const stream = this.#streams.get(id);
    if (stream === undefined) return false;
    stream.close();
    this.#complete(id, stream);
    return true;
  }

  async #subscribe(id: RequestId, message: Request, attachment: Attachment): Promise<void> {
    if (this.#streams.has(id)) {
      const cause = new LaunchlogError('invalid_request', `Duplicate id ${id}`);
      return this.#fail(id, message, { cause });
    }
    if (this.#isCrowded) return this.#fail(id, message, { cause: this.#tooMany() });
    const stream = this.#streamOf(id, message, attachment);
    this.#keep(id, stream);
    const { input, lastEventId } = message.params;
    const resumed =
      lastEventId === undefined || input === REFUSED_INPUT ? input : { ...(input as object), lastEventId };
    let started = false;
    try {
      const opened = await this.#open(message.params.path, resumed);
      if (this.#streams.get(id) !== stream) return;
      this.#send(`${stream.prefix}"result":{"type":"started"}}`);
      started = true;
      await stream.begin(opened);
    } catch (cause) {
      if (this.#streams.get(id) !== stream) return;
      this.#drop(id);
      this.#fail(id, message, { cause, input: resumed });
      if (started) this.#send(`${stream.prefix}"result":{"type":"stopped"}}`);
    }
  }

  #keep(id: RequestId, stream: SocketStream): void {
    this.#streams.set(id, stream);
    this.#writer.isShared = this.#streams.size > 1;
  }

  #drop(id: RequestId): void {
    this.#streams.delete(id);
    this.#writer.isShared = this.#streams.size > 1;
  }

  #streamOf(id: RequestId, message: Request, attachment: Attachment): SocketStream {
    const { feed } = this.#options.services;
    const options = {
      feed,
      prefix: messagePrefix(id, message.jsonrpc),
      writer: this.#writer,
      onEnd: (reason: FeedEnd) => this.#onEnd(id, message, { stream, reason }),
      onFailed: (cause: unknown) => {
        if (this.#streams.get(id) !== stream) return;
        this.#fail(id, message, { cause });
        this.#complete(id, stream);
      },
    };
    const stream = attachedStream(attachment, options);
    return stream;
  }

  /** Calls the procedure, which checks scope, rate and input, and resolves to a stream that nobody reads yet. */
  #open(path: string, input: unknown): Promise<unknown> {
    const { principal } = this.#options;
    const { router, authenticator } = this.#options.services;
    const ctx: TrpcContext = {
      principal,
      authorize: (procedure) => authenticator.authorize(principal, procedure),
      meter: () => authenticator.meter(principal),
    };
    return callTRPCProcedure({
      router,
      path,
      ctx,
      getRawInput: () => Promise.resolve(input),
      type: 'subscription',
      signal: undefined,
      batchIndex: 0,
    });
  }

  #onEnd(id: RequestId, message: Request, ended: { stream: SocketStream; reason: FeedEnd }): void {
    switch (ended.reason) {
      case 'done':
        return this.#complete(id, ended.stream);
      case 'max_age':
      case 'draining':
        return this.askToReconnect();
      case 'revoked':
      case 'stalled':
        return this.#options.socket.close(CLOSE_SERVICE_RESTART, ended.reason);
      case 'failed':
        this.#drop(id);
        return this.#fail(id, message, {
          cause: new LaunchlogError('unavailable', 'the log cannot be read: subscribe again'),
        });
    }
  }

  #complete(id: RequestId, stream: SocketStream): void {
    if (this.#streams.get(id) !== stream) return;
    this.#drop(id);
    this.#send(`${stream.prefix}"result":{"type":"stopped"}}`);
  }

  #fail(id: RequestId, message: Request, { cause, input }: { cause: unknown; input?: unknown }): void {
    const { path } = message.params;
    const error = getTRPCErrorFromUnknown(cause);
    logUnexpected(error, path, { logger: this.#options.services.logger });
    const content = JSON.stringify(transformer.output.serialize(errorShape({ error, path, input })));
    this.#send(`${messagePrefix(id, message.jsonrpc)}"error":${content}}`);
  }

  #send(message: string): void {
    // Through the writer, which may hold back earlier frames until the end of this turn.
    void this.#writer.write(textFrame(message));
  }

  #handOver(message: Buffer): void {
    const { router, logger, authenticator } = this.#options.services;
    this.#adapter ??= new WsAdapterConnection({
      ...this.#options,
      router,
      logger,
      authenticator,
      subscriber: {
        drained: () => this.#writer.drained(),
        progress: () => this.#writer.confirmedBytes,
        askToReconnect: () => this.askToReconnect(),
        enter: () => this.#enter(),
      },
      // Through the writer, so that it counts how far the client is behind.
      send: (text) => {
        if (typeof text === 'string') this.#writer.write(textFrame(text));
        else this.#writer.writePieces(framedPieces(text));
      },
    });
    this.#adapter.receive(message);
  }

  get #isCrowded(): boolean {
    return this.#streams.size + this.#adapterSubscriptions >= this.#options.services.subscriptionsMax;
  }

  #tooMany(): LaunchlogError {
    const { subscriptionsMax } = this.#options.services;
    return new LaunchlogError('rate_limited', `a socket may have ${subscriptionsMax} subscriptions at once`);
  }

  /** Counts a subscription that tRPC's adapter serves, until the returned function is called. */
  #enter(): () => void {
    if (this.#isCrowded) throw this.#tooMany();
    this.#adapterSubscriptions += 1;
    let counted = 1;
    return () => {
      this.#adapterSubscriptions -= counted;
      counted = 0;
    };
  }
}
