import type { IncomingMessage, ServerResponse } from 'node:http';
import { callTRPCProcedure } from '@trpc/server';
import { LaunchlogError } from '@launchlog/shared/error-code';
import type { Authenticator } from '../../auth/authenticator.js';
import { onceOnly } from '../../auth/caller-token.js';
import type { ProcedureName } from '../../edge/access-table.js';
import { SseStreams } from '../../edge/event-stream/sse-streams.js';
import type { StreamLimit } from '../../edge/event-stream/stream-limit.js';
import type { Logger } from '../../logger.js';
import type { Principal } from '../../principal.js';
import { callMeter } from '../call-meter.js';
import { REFUSED_INPUT, transformer } from '../input-transformer.js';
import { registeredProcedures } from '../procedure.js';
import type { AppRouter } from '../router.js';
import { logFailure, sendFailure } from '../trpc-http.js';
import { protocolFrames } from './event-frames.js';
import { eventReader } from './event-reader.js';
import type { EventReaderServices } from './event-reader.js';

export interface TrpcEventStreamsOptions extends EventReaderServices {
  readonly router: AppRouter;
  readonly authenticator: Authenticator;
  readonly logger: Logger;
  readonly streamLimit: StreamLimit;
  /** Between 0 and 1. */
  readonly random: () => number;
  readonly heartbeatMs: number;
  /** Bytes that may wait for one slow client. */
  readonly bufferMaxBytes: number;
}

interface SubscriptionCall {
  readonly path: string;
  readonly input: unknown;
  readonly principal: Principal;
  /** Aborted when the client has left. */
  readonly left: AbortSignal;
}

/** Names under which clients put the last id into the URL. */
const LAST_ID_PARAMS = ['lastEventId', 'Last-Event-Id', 'last_event_id'];

/**
 * Subscriptions as tRPC's event streams, for the stock `httpSubscriptionLink`. tRPC itself would answer a refusal with an
 * event in a stream of status 200, and would know neither of back-pressure nor of revoked credentials. See decision 156.
 */
export class TrpcEventStreams {
  readonly #options: TrpcEventStreamsOptions;
  readonly #streams: SseStreams<string>;
  readonly #subscriptions: ReadonlySet<string>;

  constructor(options: TrpcEventStreamsOptions) {
    this.#options = options;
    const frames = protocolFrames(options.heartbeatMs);
    this.#streams = new SseStreams({ ...options, frames, render: (frames) => frames });
    const subscriptions = registeredProcedures(options.router).filter(({ type }) => type === 'subscription');
    this.#subscriptions = new Set(subscriptions.map(({ path }) => path));
  }

  /** Streams that are open now. */
  get size(): number {
    return this.#streams.size;
  }

  matches(url: string): boolean {
    return this.#subscriptions.has(pathOf(url));
  }

  /** Answers every failure itself, as tRPC does over HTTP. */
  async handle(
    incoming: IncomingMessage,
    response: ServerResponse,
    { address }: { readonly address: string },
  ): Promise<void> {
    const path = pathOf(incoming.url ?? '');
    const call: { path: string; input?: unknown } = { path };
    try {
      const params = new URL(incoming.url ?? '', 'http://localhost').searchParams;
      const lastEventId = lastEventIdOf(incoming, params);
      const resumed = lastEventId !== undefined;
      const principal = await this.#authenticate(incoming, { params, address, resumed });
      requireEventStream(incoming, params);
      call.input = inputOf(params, lastEventId);
      await this.#open({ path, input: call.input, principal }, response, params.get('ticket'));
    } catch (failure) {
      const { logger } = this.#options;
      sendFailure(failure, response, { logger, requestId: response.getHeader('X-Request-Id'), ...call });
    }
  }

  close(): void {
    this.#streams.close();
  }

  async #authenticate(
    incoming: IncomingMessage,
    { params, address, resumed }: { params: URLSearchParams; address: string; resumed: boolean },
  ): Promise<Principal> {
    const { authenticator } = this.#options;
    const { headers } = incoming;
    const ticket = params.get('ticket');
    const inUrl = ticket !== null || params.has('connectionParams');
    if (inUrl && (await authenticator.isAnonymous({ headers, address }))) {
      if (ticket === null) throw new LaunchlogError('missing_admin_token', TOKEN_IN_URL);
      return authenticator.redeemTicket(ticket, resumed);
    }
    return authenticator.authenticate({ method: 'GET', headers, address });
  }

  async #open(
    call: Omit<SubscriptionCall, 'left'>,
    response: ServerResponse,
    ticket: string | null,
  ): Promise<void> {
    const { authenticator, logger, streamLimit } = this.#options;
    const { principal, path } = call;
    if (response.destroyed) return; // the client left while it was authenticated
    const leaving = new AbortController();
    response.once('close', () => leaving.abort());
    streamLimit.requireFree();
    try {
      const onFailed = (cause: unknown): void => logFailure(cause, path, { logger });
      const opened = await this.#call({ ...call, left: leaving.signal });
      const attach = await eventReader(opened, this.#options, { left: leaving.signal, onFailed });
      if (principal.kind === 'stream_ticket') await authenticator.noteOpened(ticket ?? '');
      principal.revoked?.throwIfAborted();
      this.#streams.open({ response, principal }, attach);
    } catch (failure) {
      leaving.abort();
      throw failure;
    }
  }

  /** Checks scope, rate and input, and resolves to a stream that nobody reads yet. */
  #call({ path, input, principal, left }: SubscriptionCall): Promise<unknown> {
    const { router, authenticator } = this.#options;
    return callTRPCProcedure({
      router,
      path,
      ctx: {
        principal,
        authorize: (procedure: ProcedureName) => authenticator.authorize(principal, procedure),
        meter: callMeter(authenticator, principal),
      },
      getRawInput: () => Promise.resolve(input),
      type: 'subscription',
      signal: left,
      batchIndex: 0,
    });
  }
}

const PREFIX = '/trpc/';
const TOKEN_IN_URL =
  'a token does not belong into a URL: send X-Admin-Token by the `eventSourceOptions` of the link, a cookie, or a ticket';

/** Empty for anything that cannot be a procedure. */
function pathOf(url: string): string {
  if (!url.startsWith(PREFIX)) return '';
  const [path = ''] = url.slice(PREFIX.length).split('?', 1);
  try {
    return decodeURIComponent(path);
  } catch {
    return '';
  }
}

function requireEventStream({ method, headers }: IncomingMessage, params: URLSearchParams): void {
  const accepts = (headers.accept ?? '').toLowerCase().includes('text/event-stream');
  if (method === 'GET' && accepts && !params.has('batch')) return;
  throw new LaunchlogError(
    'method_not_allowed',
    'a subscription over HTTP is a GET that accepts text/event-stream, and is not batched; or use a WebSocket',
  );
}

/** The header wins, then the last parameter of a name: some clients append one at every reconnect. */
function lastEventIdOf({ headers }: IncomingMessage, params: URLSearchParams): string | undefined {
  const header = onceOnly(headers['last-event-id']);
  const ids = [header, ...LAST_ID_PARAMS.map((name) => params.getAll(name).at(-1))];
  return ids.find((id) => id !== undefined && id !== '');
}

function inputOf(params: URLSearchParams, lastEventId: string | undefined): unknown {
  const input = transformer.input.deserialize(parsed(params.get('input')));
  if (lastEventId === undefined || input === REFUSED_INPUT) return input;
  if (input !== undefined && (typeof input !== 'object' || input === null)) return input;
  return { ...input, lastEventId };
}

function parsed(text: string | null): unknown {
  if (text === null) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new LaunchlogError('invalid_json', 'input is not valid JSON');
  }
}
