import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { OriginPolicy } from '@launchlog/server/auth/origin-policy';
import type { Principal } from '@launchlog/server/principal';
import { TrpcSockets } from '@launchlog/server/trpc/trpc-sockets';
import { LaunchlogError } from '@launchlog/shared/error-code';
import { FakeClock } from '../../../support/fake/fake-clock.js';

const ADMIN: Principal = { name: 'admin', kind: 'admin_token', scopes: ['admin'] };
const GREETED = '/trpc?connectionParams=1';

/** Upgrades over connections that are not sockets, so that a thousand cost little. */
function opened({ socketsMax = 10_000 } = {}) {
  const connections: Duplex[] = [];
  const sockets = new TrpcSockets({
    authenticator: {
      isAnonymous: ({ headers }: { headers: object }) => Promise.resolve(!('x-admin-token' in headers)),
      authenticate: () => Promise.resolve(ADMIN),
      redeemTicket: () => Promise.reject(new LaunchlogError('invalid_admin_token', 'invalid ticket')),
    } as never,
    origins: new OriginPolicy({ named: ['https://named.example'] }),
    clock: new FakeClock(),
    penalty: { next: () => 1_000 } as never,
    messagesPerMinute: 1_000,
    maxAgeMs: 1_000,
    heartbeatMs: 15_000,
    socketsMax,
    messageMaxBytes: 1_000,
    router: {} as never,
    feed: {} as never,
    logger: {} as never,
    subscriptionsMax: 10,
    windowBytes: 1e9,
  });
  /** The head of the answer. */
  const upgrade = async (url: string, { address = '192.0.2.1', headers = {} } = {}): Promise<string> => {
    const answer: Buffer[] = [];
    const connection = new Duplex({
      read: () => undefined,
      write(chunk: Buffer, _encoding, done) {
        answer.push(chunk);
        done();
      },
    });
    connections.push(connection);
    const request = {
      method: 'GET',
      url,
      headers: {
        host: 'logs.example.org',
        upgrade: 'websocket',
        'sec-websocket-key': randomBytes(16).toString('base64'),
        'sec-websocket-version': '13',
        ...headers,
      },
    } as unknown as IncomingMessage;
    await sockets.upgrade(request, connection, { head: Buffer.alloc(0), address });
    return Buffer.concat(answer).toString().split('\r\n\r\n')[0] ?? '';
  };
  const close = () => {
    for (const connection of connections) connection.destroy();
    sockets.close();
  };
  return { sockets, upgrade, close };
}

const statusOf = (head: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]);
const retryOf = (head: string) => /Retry-After: (\S+)/.exec(head)?.[1];

test('a hundred sockets of one address wait to sign in, a thousand of all, and no more', async () => {
  const { sockets, upgrade, close } = opened();
  const statusesFrom = async (address: string, times: number) => {
    const seen = new Set<number>();
    for (let number = 0; number < times; number += 1) seen.add(statusOf(await upgrade(GREETED, { address })));
    return [...seen];
  };
  expect(await statusesFrom('192.0.2.1', 100)).toEqual([101]);
  expect(await statusesFrom('192.0.2.1', 1)).toEqual([503]);
  expect(await statusesFrom('::ffff:192.0.2.1', 1)).toEqual([503]);
  for (let last = 2; last <= 10; last += 1) {
    expect(await statusesFrom(`192.0.2.${last}`, 100)).toEqual([101]);
  }
  const beyond = await upgrade(GREETED, { address: '198.51.100.1' });
  expect([statusOf(beyond), retryOf(beyond), sockets.size]).toEqual([503, '5', 1_000]);
  const known = await upgrade('/trpc', { headers: { 'x-admin-token': 'secret' } });
  expect([statusOf(known), sockets.size]).toEqual([101, 1_001]);
  close();
});

test.each([
  ['no credential', '/trpc', {}, 401],
  ['a wrong ticket', '/trpc?ticket=x', {}, 401],
  ['a token', '/trpc', { 'x-admin-token': 'secret' }, 101],
  ['a token, from a foreign page', '/trpc', { 'x-admin-token': 'x', origin: 'https://evil.example' }, 403],
  [
    'a token, from a page of its own',
    '/trpc',
    { 'x-admin-token': 'x', origin: 'https://logs.example.org' },
    101,
  ],
  [
    'a token, from a page that is named',
    '/trpc',
    { 'x-admin-token': 'x', origin: 'https://named.example' },
    101,
  ],
])('an upgrade with %s is answered', async (_, url, headers, status) => {
  const { upgrade, close } = opened();
  const head = await upgrade(url, { headers });
  expect([statusOf(head), retryOf(head)]).toEqual([status, undefined]);
  close();
});

test('a server that is full or drains takes no more sockets', async () => {
  const headers = { 'x-admin-token': 'secret' };
  const full = opened({ socketsMax: 1 });
  expect(statusOf(await full.upgrade('/trpc', { headers }))).toBe(101);
  expect(statusOf(await full.upgrade('/trpc', { headers }))).toBe(503);
  full.close();
  const draining = opened();
  draining.sockets.drain();
  const head = await draining.upgrade('/trpc', { headers });
  expect([statusOf(head), retryOf(head), draining.sockets.size]).toEqual([503, '5', 0]);
  draining.close();
});
