import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { systemClock, type Clock } from '@launchlog/server/clock';
import { MemoryRateLimiter } from '@launchlog/server/rate-limit/memory-rate-limiter';
import { RedisRateLimiter } from '@launchlog/server/rate-limit/redis-rate-limiter';
import { RedisConnection } from '@launchlog/server/redis/connection';
import { parseRedisUrl } from '@launchlog/server/redis/redis-url';
import { FakeClock } from '../support/fake/fake-clock.js';
import { RedisServer } from '../support/backing-service/redis-server.js';
import { OpenedEdges } from '../support/client/opened-edges.js';
import { ADMIN_TOKEN, type ServerEdge } from '../support/server/server-edge.js';
import { TestSocket } from '../support/client/test-socket.js';
import { eventually } from '../support/within.js';

const ADMIN = { name: 'admin', kind: 'admin_token', scopes: ['admin'] } as const;
const opened = new OpenedEdges();
const { start } = opened;

afterEach(() => opened.close());

async function statuses(times: number, send: () => Promise<Response>): Promise<number[]> {
  const seen: number[] = [];
  for (let number = 0; number < times; number += 1) seen.push((await send()).status);
  return seen;
}

describe('more requests than a token has in a minute', () => {
  test('are answered 429 with Retry-After, and do not delay another token', async () => {
    const edge = await start({ requestsPerMinute: 3 });
    expect(await statuses(5, () => edge.fetch('/admin/nodes'))).toEqual([200, 200, 200, 429, 429]);
    const refused = await edge.fetch('/admin/nodes');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect(await refused.json()).toMatchObject({ error: { code: 'rate_limited' } });
    const { token } = await edge.access.tokens.create(ADMIN, { name: 'other', scopes: ['read'] });
    const other = await fetch(`${edge.url}/admin/nodes`, { headers: { 'X-Admin-Token': token } });
    expect(other.status).toBe(200);
    expect((await fetch(`${edge.url}/healthz`)).status).toBe(200);
  });

  test('are also counted over tRPC: each call of a batch, each message of a socket, each stream', async () => {
    const edge = await start({ requestsPerMinute: 5 });
    const { node } = await edge.nodeWithLog(1);
    const batch = await edge.fetch('/trpc/nodes.list,nodes.list,nodes.list?batch=1');
    expect(batch.status).toBe(200);
    const socket = await TestSocket.open(edge.url, { 'X-Admin-Token': ADMIN_TOKEN });
    const call = { method: 'query', params: { path: 'nodes.list' } };
    for (const id of [1, 2, 3]) socket.send({ id, ...call });
    expect((await socket.answerTo(1)).error).toBeUndefined();
    expect((await socket.answerTo(2)).error).toBeUndefined();
    expect(await socket.refusalOf(3)).toContain('"rate_limited"');
    socket.send({
      id: 4,
      method: 'subscription',
      params: { path: 'nodes.logsStream', input: { json: { nodeId: node.id } } },
    });
    expect(await socket.refusalOf(4)).toContain('"rate_limited"');
    socket.close();
  });

  test('are counted for a console session and for a stream ticket as for the token behind them', async () => {
    const edge = await start({ requestsPerMinute: 6 });
    const { path, node } = await edge.nodeWithLog(1);
    const signIn = await fetch(`${edge.url}/session`, {
      method: 'POST',
      body: JSON.stringify({ token: ADMIN_TOKEN }),
    });
    const Cookie = signIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    const asSession = () => fetch(`${edge.url}/admin/nodes`, { headers: { Cookie } });
    const answer = await edge.fetch(`/admin/nodes/${node.id}/logs/ticket`, { method: 'POST' });
    const { ticket } = (await answer.json()) as { ticket: string };
    const asTicket = () => fetch(`${edge.url}${path}?follow=false&ticket=${ticket}`);
    expect(await statuses(2, asSession)).toEqual([200, 200]);
    expect(await statuses(3, asTicket)).toEqual([200, 200, 429]);
    expect(await statuses(1, asSession)).toEqual([429]);
  });
});

test('more launches than a token has in a minute are answered 429, and nothing is launched', async () => {
  const edge = await start({ launchesPerMinute: 2 });
  const body = JSON.stringify({ provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'gpt2' });
  const send = () => edge.fetch('/admin/nodes/launch', { method: 'POST', body });
  expect(await statuses(4, send)).toEqual([202, 202, 429, 429]);
  expect(edge.launches.asked).toHaveLength(2);
  expect((await edge.fetch('/admin/nodes')).status).toBe(200);
});

test('retries count as launches, over REST and tRPC', async () => {
  const edge = await start({ launchesPerMinute: 2 });
  const { id } = edge.launches.add();
  const rest = () => edge.fetch(`/admin/nodes/${id}/retry`, { method: 'POST' });
  const headers = { 'Content-Type': 'application/json' };
  const body = JSON.stringify({ json: { id } });
  const trpc = () => edge.fetch('/trpc/nodes.retry', { method: 'POST', headers, body });
  const answers = [await rest(), await trpc(), await rest(), await trpc()];
  expect(answers.map(({ status }) => status < 300)).toEqual([true, true, false, false]);
  expect(answers.slice(2).map(({ status }) => status)).toEqual([429, 429]);
});

test('every refusal by a limit has Retry-After, also over tRPC, and for one call of a batch', async () => {
  const edge = await start({ launchesPerMinute: 1, requestsPerMinute: 8 });
  const launch = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'gpt2' };
  const post = (path: string, body: object) => {
    const headers = { 'Content-Type': 'application/json' };
    return edge.fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
  };
  const retryAfter = ({ headers }: Response) => Number(headers.get('retry-after'));
  const done = await post('/trpc/nodes.launch', { json: launch });
  expect([done.status, retryAfter(done)]).toEqual([200, 0]);
  const refusals = [
    await post('/admin/nodes/launch', launch),
    await post('/trpc/nodes.launch', { json: launch }),
    await post('/trpc/nodes.launch,nodes.launch?batch=1', { 0: { json: launch }, 1: { json: launch } }),
    await edge.fetch(`/trpc/${Array.from({ length: 8 }, () => 'nodes.list').join(',')}?batch=1`),
    await edge.fetch('/trpc/nodes.list'),
    await edge.fetch('/admin/logs/stream'),
  ];
  expect(refusals.map(({ status }) => status)).toEqual([429, 429, 429, 207, 429, 429]);
  for (const refusal of refusals) {
    expect(retryAfter(refusal)).toBeGreaterThanOrEqual(1);
    expect(retryAfter(refusal)).toBeLessThanOrEqual(60);
  }
});

test('a flooding address is refused before authentication on every transport, and probes still respond', async () => {
  const edge = await start({ addressRequestsPerMinute: 3 });
  expect(await statuses(4, () => fetch(`${edge.url}/openapi.json`))).toEqual([200, 200, 200, 429]);
  expect((await edge.fetch('/trpc/nodes.list')).status).toBe(429);
  expect(await TestSocket.upgrade(edge.url, { headers: { 'X-Admin-Token': ADMIN_TOKEN } })).toBe(429);
  expect(await statuses(5, () => fetch(`${edge.url}/healthz`))).toEqual([200, 200, 200, 200, 200]);
});

test('X-Forwarded-For is believed only from a trusted proxy', async () => {
  const plain = await start({ addressRequestsPerMinute: 2 });
  const from = (edge: ServerEdge, address: string) =>
    fetch(`${edge.url}/openapi.json`, { headers: { 'X-Forwarded-For': address } });
  let last = 0;
  expect(await statuses(3, () => from(plain, `192.0.2.${(last += 1)}`))).toEqual([200, 200, 429]);
  const proxied = await start({ addressRequestsPerMinute: 2, trustedProxies: ['127.0.0.1'] });
  expect(await statuses(3, () => from(proxied, `192.0.2.${(last += 1)}`))).toEqual([200, 200, 200]);
});

test('concurrent guesses count like sequential ones', async () => {
  const edge = await start({});
  const guesses = Array.from({ length: 200 }, (_, number) =>
    fetch(`${edge.url}/admin/nodes`, { headers: { 'X-Admin-Token': `guess-${number}` } }),
  );
  const seen = (await Promise.all(guesses)).map(({ status }) => status);
  expect(seen.filter((status) => status === 401)).toHaveLength(20);
  expect(seen.filter((status) => status === 429)).toHaveLength(180);
  expect((await edge.fetch('/admin/nodes')).status).toBe(429);
});

describe('with Redis', () => {
  let redis: RedisServer;
  const connections: RedisConnection[] = [];
  beforeAll(async () => void (redis = await RedisServer.start()));
  afterAll(async () => {
    for (const connection of connections) await connection.close();
    await redis.stop();
  });

  async function limiter(
    name: string,
    perMinute: number,
    clock: Clock = systemClock,
  ): Promise<RedisRateLimiter> {
    const connection = new RedisConnection(parseRedisUrl(redis.url));
    connections.push(connection);
    await connection.ready();
    return new RedisRateLimiter({ connection, clock, name, perMinute });
  }

  test('servers share what they count, by name and key', async () => {
    const [one, two] = [await limiter('shared', 3), await limiter('shared', 3)];
    expect((await one.take('a')).allowed).toBe(true);
    expect((await two.take('a')).allowed).toBe(true);
    expect((await two.look('a')).allowed).toBe(true);
    expect((await one.take('a')).allowed).toBe(true);
    expect(await two.look('a')).toMatchObject({ allowed: false });
    const refused = await two.take('a');
    expect(refused.allowed ? 0 : refused.retryAfterMs).toBeGreaterThan(0);
    expect((await two.take('b')).allowed).toBe(true);
    expect((await (await limiter('another', 3)).take('a')).allowed).toBe(true);
  });

  test('every key has our prefix and expires', async () => {
    await (await limiter('kept', 3)).take('x');
    await redis.with(async (client) => {
      const keys = await client.keys('*');
      expect(keys.every((key) => key.startsWith('launchlog:rate:'))).toBe(true);
      expect(await client.ttl('launchlog:rate:kept:x')).toBeGreaterThan(0);
    });
  });

  test('hangs, nobody waits long or is locked out, and each server counts by itself', async () => {
    const clock = new FakeClock();
    const one = await limiter('frozen', 3, clock);
    expect((await one.take('a')).allowed).toBe(true);
    redis.freeze();
    try {
      /** The first waits a quarter of a second; then the clock stands still, and another wait would never end. */
      const first = one.take('a');
      await clock.advance(250);
      const verdicts = [(await first).allowed];
      for (let number = 1; number < 20; number += 1) verdicts.push((await one.take('a')).allowed);
      expect(verdicts).toEqual([true, true, ...Array.from({ length: 18 }, () => false)]);
      for (let number = 0; number < 200; number += 1) {
        expect((await one.take(`other-${number}`)).allowed).toBe(true);
        await one.look(`other-${number}`);
      }
    } finally {
      redis.thaw();
    }
  });

  test('recovers, it is used again', async () => {
    const [one, two] = [await limiter('back', 2), await limiter('back', 2)];
    await redis.kill();
    expect((await one.take('a')).allowed).toBe(true);
    await redis.launch();
    let key = 0;
    await eventually('limiters that count together', async () => {
      key += 1;
      await one.take(`k${key}`);
      await one.take(`k${key}`);
      return !(await two.look(`k${key}`)).allowed;
    });
  });
});

test('a million keys cost bounded memory', async () => {
  const limiter = new MemoryRateLimiter(1);
  for (let number = 0; number < 30_000; number += 1) await limiter.take(`key-${number}`);
  expect((await limiter.look('key-0')).allowed).toBe(true);
  expect((await limiter.look('key-29999')).allowed).toBe(false);
});
