import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createLogger } from '@launchlog/server/logger';
import type { Principal } from '@launchlog/server/principal';
import { createAppRouter } from '@launchlog/server/trpc/router';
import { SocketSession } from '@launchlog/server/trpc/socket-session';
import { LaunchlogError } from '@launchlog/shared/error-code';
import { FakeClock } from '../../../support/fake/fake-clock.js';
import { readFrames, settle } from '../../../support/client/recorded-socket.js';

const ADMIN: Principal = { name: 'admin', kind: 'admin_token', scopes: ['admin'] };
const GREETING = JSON.stringify({ method: 'connectionParams', data: { token: 'secret' } });
const PENALTY_MS = 1_000;
const MAX_AGE_MS = 60 * 60_000;
const MOVE_WITHIN_MS = 30_000;

class FakeSocket extends EventEmitter {
  readyState: number = WebSocket.OPEN;
  readonly sent: string[] = [];
  readonly closes: string[] = [];

  send(text: string): void {
    this.sent.push(text);
  }

  close(code: number, reason: string): void {
    this.closes.push(`${code} ${reason}`);
  }

  terminate(): void {
    this.closes.push('terminated');
  }

  ping(): void {
    this.sent.push('ping');
  }
}

interface Given {
  readonly principal?: Principal;
  readonly authenticate?: () => Promise<Principal>;
  readonly messagesPerMinute?: number;
  readonly onServed?: () => void;
}

const router = createAppRouter({ launches: {} } as unknown as Parameters<typeof createAppRouter>[0]);

/** A session on a socket that the test plays, at a time that it moves. */
function opened({ principal, authenticate, messagesPerMinute = 1_000, onServed }: Given = {}) {
  const socket = new FakeSocket();
  const clock = new FakeClock();
  const events: string[] = [];
  const wire = new PassThrough({ highWaterMark: 1e9 });
  const written: string[] = [];
  const session = new SocketSession({
    socket: socket as unknown as WebSocket,
    connection: wire,
    request: { url: '/trpc', headers: {} } as IncomingMessage,
    address: '192.0.2.1',
    principal,
    onServed: () => {
      events.push('served');
      onServed?.();
    },
    onHeld: () => events.push('held'),
    services: {
      router,
      feed: {} as never,
      logger: createLogger('silent'),
      authenticator: {
        authenticateToken: authenticate ?? (() => Promise.resolve(ADMIN)),
        meter: () => Promise.resolve(),
        authorize: () => undefined,
      } as never,
      clock,
      penalty: { next: () => PENALTY_MS } as never,
      messagesPerMinute,
      maxAgeMs: MAX_AGE_MS,
      moveWithinMs: MOVE_WITHIN_MS,
      subscriptionsMax: 10,
      windowBytes: 1e9,
    },
  });
  wire.on('data', (bytes: Buffer) => written.push(...readFrames(bytes)));
  const send = async (text: string | Buffer, isBinary = false) => {
    socket.emit('message', typeof text === 'string' ? Buffer.from(text) : text, isBinary);
    await settle();
  };
  return { session, socket, clock, events, written, send };
}

const refusals = ({ sent }: FakeSocket) => sent.flatMap((text) => /"code":"([a-z_]+)"/.exec(text)?.[1] ?? []);
const wrong = () => Promise.reject(new LaunchlogError('invalid_admin_token', 'invalid admin token'));

describe('a socket whose client has not signed in', () => {
  test('is served when its first message holds a token, and not before', async () => {
    const { session, events, send } = opened();
    expect(session.isServed).toBe(false);
    await send(GREETING);
    expect([session.isServed, events]).toEqual([true, ['served']]);
  });

  test('is refused after five seconds of silence', async () => {
    const { socket, clock } = opened();
    await clock.advance(4_999);
    expect(socket.closes).toEqual([]);
    await clock.advance(1);
    expect(refusals(socket)).toEqual(['missing_admin_token']);
    expect(socket.closes).toEqual(['4401 unauthorized']);
  });

  test('may send 64 messages while the first one is checked, and no more', async () => {
    const { socket, send, events } = opened({ authenticate: () => new Promise(() => undefined) });
    await send(GREETING);
    for (let number = 1; number <= 64; number += 1) await send('PING');
    expect(socket.closes).toEqual([]);
    await send('PING');
    expect(refusals(socket)).toEqual(['missing_admin_token']);
    expect(socket.closes).toEqual(['4401 unauthorized']);
    expect(events).toEqual([]);
  });

  test('waits for the answer to a wrong token, and its pings are answered meanwhile', async () => {
    const { socket, clock, events, send } = opened({ authenticate: wrong });
    socket.emit('message', Buffer.from(GREETING), false);
    await send('PING');
    await send('PING');
    expect([events, socket.sent]).toEqual([['held'], ['PONG', 'PONG']]);
    await clock.advance(PENALTY_MS);
    expect(refusals(socket)).toEqual(['invalid_admin_token']);
    expect(socket.closes).toEqual(['4401 unauthorized']);
  });

  test('is held where it cannot be served', async () => {
    const { events, send } = opened({
      onServed: () => {
        throw new Error('no room');
      },
    });
    await send(GREETING);
    expect(events).toEqual(['served', 'held']);
  });

  test.each([
    ['with the right token', () => Promise.resolve(ADMIN)],
    ['with a wrong one', wrong],
  ])('that is gone before its token was checked, %s, is neither served nor held', async (_, authenticate) => {
    const { socket, clock, events, send } = opened({ authenticate });
    socket.emit('message', Buffer.from(GREETING), false);
    socket.emit('close');
    await send('PING');
    expect([events, clock.pending, socket.sent]).toEqual([[], 0, []]);
  });

  test('that is closing already is not served', async () => {
    const { socket, events, send } = opened();
    socket.readyState = WebSocket.CLOSING;
    await send(GREETING);
    expect(events).toEqual([]);
  });
});

describe('a socket that is served', () => {
  test.each([
    ['binary data', Buffer.from([1]), true],
    ['pieces that are no buffer', [Buffer.from('PING')] as unknown as Buffer, false],
  ])('is closed after %s', async (_, data, isBinary) => {
    const { socket, send } = opened({ principal: ADMIN });
    await send('PING');
    expect([socket.sent, socket.closes]).toEqual([['PONG'], []]);
    await send(data, isBinary);
    expect([socket.sent, socket.closes]).toEqual([['PONG'], ['1003 text messages only']]);
  });

  test('is closed beyond its messages of a minute', async () => {
    const { socket, clock, send } = opened({ principal: ADMIN, messagesPerMinute: 2 });
    for (let minute = 0; minute < 3; minute += 1) {
      await send('PING');
      await send('PING');
      await clock.advance(60_000);
    }
    expect(socket.closes).toEqual([]);
    for (let number = 0; number < 3; number += 1) await send('PING');
    expect(socket.closes).toEqual(['1008 too many messages']);
    expect(socket.sent).toHaveLength(8);
  });

  test('is sent nothing for the answer to a ping', async () => {
    const { socket, written, send } = opened({ principal: ADMIN });
    await send('PONG');
    expect([socket.sent, written]).toEqual([[], []]);
  });

  test.each([
    ['admin_token', false],
    ['named_token', false],
    ['session_token', false],
    ['console_session', true],
    ['stream_ticket', true],
    ['proxy_identity', true],
  ] as const)('with a %s has to move to another socket when it is old: %s', async (kind, hasTo) => {
    const { socket, clock, written } = opened({ principal: { ...ADMIN, kind } });
    await clock.advance(MAX_AGE_MS);
    await settle();
    expect(written).toEqual(hasTo ? ['{"id":null,"method":"reconnect"}'] : []);
    await clock.advance(MOVE_WITHIN_MS);
    expect(socket.closes).toEqual(hasTo ? ['1012 reconnect'] : []);
  });

  test('ends when its credential is revoked', () => {
    const revoking = new AbortController();
    const { socket } = opened({ principal: { ...ADMIN, revoked: revoking.signal } });
    revoking.abort();
    expect(socket.closes).toEqual(['4401 revoked']);
  });

  test('that still has data to read may leave more pings unanswered', async () => {
    const { session, socket } = opened({ principal: ADMIN });
    session.askToReconnect();
    await settle();
    for (let beat = 0; beat <= 20; beat += 1) session.beat();
    expect(socket.closes).toEqual([]);
    session.beat();
    expect(socket.closes).toEqual(['terminated']);
  });

  test('that answers no ping is ended at the next one', () => {
    const { session, socket } = opened({ principal: ADMIN });
    session.beat();
    socket.emit('pong', Buffer.from(''));
    session.beat();
    expect(socket.closes).toEqual([]);
    session.beat();
    expect(socket.closes).toEqual(['terminated']);
  });
});
