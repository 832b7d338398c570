import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { TRPCError } from '@trpc/server';
import { WebSocket } from 'ws';
import type { RawData } from 'ws';
import { LaunchlogError } from '@launchlog/shared/error-code';
import type { Authenticator } from '../auth/authenticator.js';
import type { SignInPenalty } from '../auth/sign-in-penalty.js';
import type { Clock } from '../clock.js';
import type { Principal } from '../principal.js';
import { GREETING_MAX_BYTES, GREETING_WITHIN_MS, readGreeting } from './connection-greeting.js';
import { errorShape } from './error-shape.js';
import { transformer } from './input-transformer.js';
import { TrpcConnection } from './trpc-connection.js';
import type { ConnectionServices } from './trpc-connection.js';

/** The services that all sockets share. */
export interface SocketServices extends ConnectionServices {
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  /** How long failed sign-ins wait for their answer. */
  readonly penalty: SignInPenalty;
  /** Messages that one client may send in a minute; each call in a batch counts by itself. */
  readonly messagesPerMinute: number;
  /** How long a socket lasts whose credential expires by itself. */
  readonly maxAgeMs: number;
  /** How long its client then has to move to a new socket. */
  readonly moveWithinMs?: number | undefined;
}

export interface SocketSessionOptions {
  readonly services: SocketServices;
  readonly socket: WebSocket;
  readonly connection: Duplex;
  readonly request: IncomingMessage;
  readonly address: string;
  /** Undefined for a client that could not authenticate at the upgrade, and does so with its first message. */
  readonly principal: Principal | undefined;
  /** Called with the session itself, because a client that is known at the upgrade is served before the constructor ends. */
  readonly onServed: (session: SocketSession) => void;
  /** Called when the client has failed to sign in, and waits for the answer. */
  readonly onHeld: (session: SocketSession) => void;
}

const MINUTE_MS = 60_000;
const CLOSE_POLICY = 1008;
const CLOSE_UNSUPPORTED = 1003;
const CLOSE_UNAUTHORIZED = 4401;
const CLOSE_SERVICE_RESTART = 1012;
const MOVE_WITHIN_MS = 30_000;
/**
 * Tolerated unanswered heartbeats. With none, a lost client is noticed within two heartbeats; a client that still has data to
 * read is granted more.
 */
const SILENT_BEATS_MAX = 0;
const SILENT_BEATS_BEHIND_MAX = 20;
/** Messages, and bytes, that may wait while the first message is checked. */
const EARLY_MESSAGES_MAX = 64;
const EARLY_MAX_BYTES = 1024 * 1024;
const FRAME_HEADER_MAX_BYTES = 14;

type SocketState =
  | { readonly kind: 'greeting' }
  | { readonly kind: 'checking'; readonly early: Buffer[] }
  /** The client has failed to sign in, and waits for the answer. */
  | { readonly kind: 'held' }
  | { readonly kind: 'served'; readonly connection: TrpcConnection }
  | { readonly kind: 'closed' };

/**
 * One socket from the upgrade to its end: the client authenticates first, then it is served.
 *
 *     greeting --first message--> checking --accepted--> served --aged--> served, and asked to reconnect
 *         |                          |                      |                          |
 *     too late, too long          refused             revoked, silent              30 s later
 *         |                          held                   |                          |
 *         `--------------------------`---> closed <---------`--------------------------`
 *
 * A client that authenticated at the upgrade is served at once. Whatever closes the socket, `closed` is the last state.
 */
export class SocketSession {
  readonly #options: SocketSessionOptions;
  #state: SocketState = { kind: 'greeting' };
  #revoked: AbortSignal | undefined;
  #earlyBytes = 0;
  /** Cancels the one timer that runs: for authentication, for the age of the socket, or for the move to another. */
  #stopTimer = (): void => {};
  #silentBeats = 0;
  #minuteStartMs: number;
  #messagesThisMinute = 0;

  constructor(options: SocketSessionOptions) {
    this.#options = options;
    const { socket, connection, services, principal } = options;
    this.#minuteStartMs = services.clock.monotonic();
    socket.on('message', (data, isBinary) => this.#onMessage(data, isBinary));
    socket.on('pong', () => (this.#silentBeats = 0));
    /** `close` follows; without a listener a malformed frame would end the process. */
    socket.on('error', () => {});
    socket.once('close', () => this.#onClose());
    if (principal === undefined) {
      this.#stopTimer = services.clock.after(GREETING_WITHIN_MS, () => this.#refuse(missingToken()));
      connection.on('data', this.#countEarlyBytes);
    } else {
      this.#serve(principal);
    }
  }

  /** The client has authenticated. */
  get isServed(): boolean {
    return this.#connection !== undefined;
  }

  get #connection(): TrpcConnection | undefined {
    return this.#state.kind === 'served' ? this.#state.connection : undefined;
  }

  /** The client's address. */
  get address(): string {
    return this.#options.address;
  }

  get streams(): number {
    return this.#connection?.streams ?? 0;
  }

  /** Pings the client, and ends the socket if earlier pings were not answered. */
  beat(): void {
    const max = this.#connection?.isBehind === true ? SILENT_BEATS_BEHIND_MAX : SILENT_BEATS_MAX;
    if (this.#silentBeats > max) return this.#options.socket.terminate();
    this.#silentBeats += 1;
    if (this.#connection === undefined) this.#options.socket.ping();
    else this.#connection.ping();
  }

  askToReconnect(): void {
    this.#connection?.askToReconnect();
  }

  /** Ends a client that waits for the answer to its failed sign-in. */
  release(): void {
    if (this.#state.kind === 'held') this.close(CLOSE_UNAUTHORIZED, 'unauthorized');
  }

  close(code: number, reason: string): void {
    this.#options.socket.close(code, reason);
  }

  terminate(): void {
    this.#options.socket.terminate();
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    this.#silentBeats = 0;
    if (isBinary || !Buffer.isBuffer(data)) return this.close(CLOSE_UNSUPPORTED, 'text messages only');
    if (!this.#isWithinRate()) return this.close(CLOSE_POLICY, 'too many messages');
    const state = this.#state;
    switch (state.kind) {
      case 'greeting':
        this.#state = { kind: 'checking', early: [] };
        return void this.#check(data);
      case 'checking':
        if (state.early.push(data) > EARLY_MESSAGES_MAX) this.#refuse(missingToken());
        return;
      case 'held':
        return this.#answerPing(data);
      case 'served':
        return this.#receive(state.connection, data);
      case 'closed':
        return;
    }
  }

  #receive(connection: TrpcConnection, data: Buffer): void {
    if (data.length === 4) {
      const text = data.toString('latin1');
      if (text === 'PING') return this.#answerPing(data);
      if (text === 'PONG') return;
    }
    this.#messagesThisMinute += connection.receive(data) - 1;
  }

  async #check(greeting: Buffer): Promise<void> {
    const { services, address } = this.#options;
    let token = '';
    try {
      token = readGreeting(greeting);
      this.#serve(await services.authenticator.authenticateToken(token, address));
    } catch (failure) {
      this.#hold(failure, services.penalty.next(address, token));
    }
  }

  /** Delays the answer, and accepts nothing meanwhile: some clients reconnect at once when they are answered. */
  #hold(failure: unknown, ms: number): void {
    this.#stopTimer();
    if (this.#state.kind === 'closed') return;
    const early = this.#state.kind === 'checking' ? this.#state.early : [];
    this.#state = { kind: 'held' };
    for (const message of early) this.#answerPing(message);
    this.#options.onHeld(this);
    this.#stopTimer = this.#options.services.clock.after(ms, () => this.#refuse(failure));
  }

  /** Answers the heartbeat of tRPC's stock client, which otherwise closes the socket. */
  #answerPing(data: Buffer): void {
    const { socket } = this.#options;
    if (data.toString('latin1') === 'PING' && socket.readyState === WebSocket.OPEN) socket.send('PONG');
  }

  #serve(principal: Principal): void {
    const { socket, connection, services } = this.#options;
    this.#stopTimer();
    connection.off('data', this.#countEarlyBytes);
    if (this.#state.kind === 'closed' || socket.readyState !== WebSocket.OPEN) return;
    const early = this.#state.kind === 'checking' ? this.#state.early : [];
    const served = new TrpcConnection({ ...this.#options, services, principal });
    this.#state = { kind: 'served', connection: served };
    this.#options.onServed(this);
    this.#revoked = principal.revoked;
    this.#revoked?.addEventListener('abort', this.#onRevoked, { once: true });
    if (expiresByItself(principal)) this.#stopTimer = services.clock.after(services.maxAgeMs, this.#onAged);
    for (const message of early) this.#receive(served, message);
  }

  /** Sends the error before it closes, so that the client can distinguish it from a network failure. */
  #refuse(failure: unknown): void {
    const { socket } = this.#options;
    this.#state = { kind: 'closed' };
    const error = new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause: failure });
    const message = { id: null, error: transformer.output.serialize(errorShape({ error })) };
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    this.close(CLOSE_UNAUTHORIZED, 'unauthorized');
  }

  #isWithinRate(): boolean {
    const nowMs = this.#options.services.clock.monotonic();
    if (nowMs - this.#minuteStartMs >= MINUTE_MS) {
      this.#minuteStartMs = nowMs;
      this.#messagesThisMinute = 0;
    }
    this.#messagesThisMinute += 1;
    return this.#messagesThisMinute <= this.#options.services.messagesPerMinute;
  }

  /** Called after the WebSocket has read the chunk: a first message that is still incomplete by then is too long. */
  readonly #countEarlyBytes = (chunk: Buffer): void => {
    this.#earlyBytes += chunk.length;
    const isGreeting = this.#state.kind === 'greeting';
    const maxBytes = isGreeting ? GREETING_MAX_BYTES + FRAME_HEADER_MAX_BYTES : EARLY_MAX_BYTES;
    if (this.#earlyBytes > maxBytes) this.terminate();
  };

  readonly #onRevoked = (): void => this.close(CLOSE_UNAUTHORIZED, 'revoked');

  /** A client that reconnects authenticates again, and subscribes after the last id that it had. */
  readonly #onAged = (): void => {
    const { clock, moveWithinMs = MOVE_WITHIN_MS } = this.#options.services;
    this.askToReconnect();
    this.#stopTimer = clock.after(moveWithinMs, () => this.close(CLOSE_SERVICE_RESTART, 'reconnect'));
  };

  #onClose(): void {
    this.#stopTimer();
    this.#revoked?.removeEventListener('abort', this.#onRevoked);
    this.#connection?.close();
    this.#state = { kind: 'closed' };
  }
}

/** Whether the credential expires without being revoked. A named token that expires is revoked at that time. */
function expiresByItself({ kind }: Principal): boolean {
  return kind === 'console_session' || kind === 'stream_ticket' || kind === 'proxy_identity';
}

function missingToken(): LaunchlogError {
  return new LaunchlogError('missing_admin_token', 'missing admin token');
}
