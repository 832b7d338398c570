import { STATUS_CODES } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { errorBody, LaunchlogError } from '@launchlog/shared/error-code';
import type { OriginPolicy } from '../auth/origin-policy.js';
import { expectedFailure } from '../edge/expected-failure.js';
import type { Principal } from '../principal.js';
import { clientNetwork } from '../rate-limit/client-network.js';
import { ClosingSocket } from './closing-socket.js';
import { SocketSession } from './socket-session.js';
import type { SocketServices, SocketSessionOptions } from './socket-session.js';

export interface TrpcSocketsOptions extends SocketServices {
  readonly origins: OriginPolicy;
  readonly heartbeatMs: number;
  /** Open sockets of this process. */
  readonly socketsMax: number;
  /** The size of one message from a client. A launch request with all its secrets fits. */
  readonly messageMaxBytes: number;
}

/** Sockets whose clients have not authenticated yet. */
const GREETINGS_MAX = 1_000;
/** The same for one address, which must not keep all others from signing in. */
const GREETINGS_PER_ADDRESS_MAX = 100;
/** Clients that wait for the answer to a failed sign-in. */
const HELD_MAX = 1_000;
const HELD_PER_ADDRESS_MAX = 200;
const CLOSE_SERVICE_RESTART = 1012;

/** The WebSocket side of `/trpc`. A client that sends a credential with its upgrade is authenticated before the upgrade. */
export class TrpcSockets {
  readonly #options: TrpcSocketsOptions;
  readonly #server: WebSocketServer;
  readonly #sessions = new Set<SocketSession>();
  readonly #stopBeating: () => void;
  /** Sessions whose clients have not authenticated yet. */
  readonly #greetings = new Set<SocketSession>();
  /** Sessions whose clients have failed to authenticate and wait for the answer; the longest wait first. */
  readonly #held = new Set<SocketSession>();
  #draining = false;

  constructor(options: TrpcSocketsOptions) {
    this.#options = options;
    this.#server = new WebSocketServer({
      noServer: true,
      WebSocket: ClosingSocket,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: options.messageMaxBytes,
    });
    this.#stopBeating = options.clock.every(options.heartbeatMs, () => {
      for (const session of this.#sessions) session.beat();
    });
  }

  /** Sockets that are open now. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Log streams that are open now, on all sockets. */
  get streams(): number {
    let streams = 0;
    for (const session of this.#sessions) streams += session.streams;
    return streams;
  }

  async upgrade(
    request: IncomingMessage,
    connection: Duplex,
    upgrade: { head: Buffer; address: string },
  ): Promise<void> {
    // Nothing else listens until the socket is created: a reset in between would end the process.
    const ignore = (): void => {};
    connection.on('error', ignore);
    try {
      const principal = await this.#admit(request, upgrade.address);
      if (connection.destroyed) return;
      this.#server.handleUpgrade(request, connection, upgrade.head, (socket) => {
        connection.off('error', ignore);
        this.#open({
          socket,
          connection,
          request,
          address: upgrade.address,
          principal,
        });
      });
    } catch (failure) {
      refuse(connection, failure);
    }
  }

  /** Asks every client to reconnect: it reaches another server, or this one when it is back. */
  drain(): void {
    this.#draining = true;
    for (const session of this.#sessions) session.askToReconnect();
  }

  /** Closes every socket with a close frame. Idempotent. */
  close(): void {
    this.#draining = true;
    this.#stopBeating();
    for (const session of this.#sessions) session.close(CLOSE_SERVICE_RESTART, 'server restarts');
  }

  /** Ends the sockets that have not closed in time. */
  terminate(): void {
    for (const session of this.#sessions) session.terminate();
  }

  async #admit(request: IncomingMessage, address: string): Promise<Principal | undefined> {
    const { authenticator, origins, socketsMax } = this.#options;
    const { origin } = request.headers;
    if (origin !== undefined && !origins.allows(origin, request.headers)) throw origins.refusal(origin);
    if (this.#draining || this.#sessions.size >= socketsMax) {
      throw new LaunchlogError('unavailable', 'this server takes no more sockets', { retryAfterSeconds: 5 });
    }
    const params = new URL(request.url ?? '', 'http://localhost').searchParams;
    if (!(await authenticator.isAnonymous({ headers: request.headers, address }))) {
      return authenticator.authenticate({ method: 'UPGRADE', headers: request.headers, address });
    }
    const ticket = params.get('ticket');
    if (ticket !== null) return authenticator.redeemTicket(ticket, false);
    if (params.get('connectionParams') !== '1') {
      throw new LaunchlogError('missing_admin_token', 'missing admin token');
    }
    if (
      this.#greetings.size >= GREETINGS_MAX ||
      fromNetwork(this.#greetings, address).length >= GREETINGS_PER_ADDRESS_MAX
    ) {
      throw new LaunchlogError('unavailable', 'too many sockets wait to sign in', { retryAfterSeconds: 5 });
    }
    return undefined;
  }

  #open(upgraded: Upgraded): void {
    const session = new SocketSession({
      ...upgraded,
      services: this.#options,
      onServed: (served) => this.#greetings.delete(served),
      onHeld: (held) => this.#hold(held),
    });
    this.#sessions.add(session);
    if (!session.isServed) this.#greetings.add(session);
    upgraded.socket.once('close', () => {
      this.#sessions.delete(session);
      this.#greetings.delete(session);
      this.#held.delete(session);
    });
  }

  /** Moves a client that has failed out of the way of those that still sign in. Beyond the bound, the longest wait ends. */
  #hold(session: SocketSession): void {
    this.#greetings.delete(session);
    const ofAddress = fromNetwork(this.#held, session.address);
    if (ofAddress.length >= HELD_PER_ADDRESS_MAX) ofAddress[0]?.release();
    const [oldest] = this.#held;
    if (this.#held.size >= HELD_MAX) oldest?.release();
    this.#held.add(session);
  }
}

type Upgraded = Omit<SocketSessionOptions, 'services' | 'onServed' | 'onHeld'>;

function fromNetwork(sessions: ReadonlySet<SocketSession>, address: string): readonly SocketSession[] {
  const network = clientNetwork(address);
  return [...sessions].filter((session) => clientNetwork(session.address) === network);
}

function refuse(connection: Duplex, failure: unknown): void {
  if (connection.destroyed) return;
  const error =
    expectedFailure(failure) ?? new LaunchlogError('internal', 'internal error', { cause: failure });
  const body = JSON.stringify(errorBody(error));
  const head = [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}`,
    'Connection: close',
    'Cache-Control: no-store',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(error.retryAfterSeconds === undefined ? [] : [`Retry-After: ${error.retryAfterSeconds}`]),
  ];
  connection.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
