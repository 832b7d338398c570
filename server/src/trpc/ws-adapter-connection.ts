import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { getWSConnectionHandler } from '@trpc/server/adapters/ws';
import type { WebSocket } from 'ws';
import type { Authenticator } from '../auth/authenticator.js';
import type { ProcedureName } from '../edge/access-table.js';
import type { Logger } from '../logger.js';
import type { Principal } from '../principal.js';
import { callMeter } from './call-meter.js';
import { LogPageQueue } from './log-page-queue.js';
import { OutputParts } from './output/output-parts.js';
import type { AppRouter } from './router.js';
import type { Subscriber } from './subscriber.js';
import { logUnexpected } from './trpc-http.js';

interface WsAdapterConnectionOptions {
  readonly router: AppRouter;
  readonly principal: Principal;
  readonly authenticator: Pick<Authenticator, 'meter' | 'authorize' | 'runHeavyRead'>;
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  readonly logger: Logger;
  readonly subscriber: Subscriber;
  /** Sends one message: a text, or a large one in pieces. */
  readonly send: (message: string | readonly Buffer[]) => void;
}

/**
 * Runs tRPC's own WebSocket adapter on an authenticated connection. The adapter sees only the messages that are forwarded
 * to it.
 */
export class WsAdapterConnection {
  readonly #client: ForwardedSocket;
  readonly #pages: LogPageQueue;

  constructor(options: WsAdapterConnectionOptions) {
    const { router, principal, subscriber, socket, request, logger, send, authenticator } = options;
    const parts = new OutputParts();
    this.#client = new ForwardedSocket(socket, (text) => send(parts.fill(text)));
    const meter = callMeter(authenticator, principal);
    const authorize = (procedure: ProcedureName): void => authenticator.authorize(principal, procedure);
    const pages = new LogPageQueue({ beforeEach: () => subscriber.drained() });
    this.#pages = pages;
    const handler = getWSConnectionHandler({
      wss: undefined as never,
      router,
      createContext: () => ({
        principal,
        subscriber,
        meter,
        authorize,
        runHeavyRead: (read) => authenticator.runHeavyRead(principal, read),
        pages,
        parts,
      }),
      onError: ({ error, path }) => logUnexpected(error, path, { logger }),
    });
    /** Without the query: connection params were read before. */
    const authenticated = Object.create(request, { url: { value: '/trpc' } }) as IncomingMessage;
    handler(this.#client as unknown as WebSocket, authenticated);
  }

  receive(message: Buffer): void {
    this.#client.emit('message', message, false);
  }

  close(): void {
    this.#pages.close();
    this.#client.emit('close');
  }
}

/** As much of a WebSocket as the handler uses. */
class ForwardedSocket extends EventEmitter {
  readonly #socket: WebSocket;
  readonly #send: (message: string) => void;

  constructor(socket: WebSocket, send: (message: string) => void) {
    super();
    this.#socket = socket;
    this.#send = send;
  }

  get readyState(): number {
    return this.#socket.readyState;
  }

  send(data: string): void {
    this.#send(data);
  }

  close(): void {
    this.#socket.close();
  }
}
