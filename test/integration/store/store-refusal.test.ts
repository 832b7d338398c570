import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import type { LogStoreUnavailableError } from '@launchlog/server/log/log-store';
import { RedisLogStore } from '@launchlog/server/log/redis-log-store';
import { refusalText } from '@launchlog/server/log/store-refusal';
import { RedisConnection } from '@launchlog/server/redis/connection';
import { parseRedisUrl } from '@launchlog/server/redis/redis-url';
import { RedisServer } from '../../support/backing-service/redis-server.js';
import { SseReader } from '../../support/client/server-sse-reader.js';
import { batchOf, logLines } from '../../support/log/log-lines.js';
import { CONTRACT_LIMITS, claimed } from '../../support/log/log-store-rig.js';
import { AppProcess } from '../../support/server/app-process.js';

type Settings = readonly (readonly [name: string, value: string])[];

describe('a Redis that answers reads and refuses writes', () => {
  let server: RedisServer;
  let store: RedisLogStore;
  let connection: RedisConnection;
  const run = (...command: string[]) =>
    server.with((redis) => redis.call(command[0] ?? '', ...command.slice(1)));
  const configure = async (settings: Settings) => {
    for (const [name, value] of settings) await run('CONFIG', 'SET', name, value);
  };

  beforeAll(async () => {
    server = await RedisServer.start();
    connection = new RedisConnection(parseRedisUrl(server.url));
    store = new RedisLogStore({ connection, clock: systemClock, limits: CONTRACT_LIMITS });
    await connection.ready();
  });
  afterAll(async () => {
    await store?.close();
    await server?.stop();
  });

  /** A command per case that begins and one that ends the refusal. */
  const refusals: readonly (readonly [string, () => Promise<unknown>, () => Promise<unknown>])[] = [
    ['read_only', () => run('REPLICAOF', '127.0.0.1', '1'), () => run('REPLICAOF', 'NO', 'ONE')],
    [
      'no_permission',
      () => run('ACL', 'SETUSER', 'default', '-rpush'),
      () => run('ACL', 'SETUSER', 'default', '+@all'),
    ],
    [
      'no_permission',
      () => run('ACL', 'SETUSER', 'default', '-evalsha', '-eval'),
      () => run('ACL', 'SETUSER', 'default', '+@all'),
    ],
    [
      'no_permission',
      () => run('ACL', 'SETUSER', 'default', 'resetchannels'),
      () => run('ACL', 'SETUSER', 'default', 'allchannels'),
    ],
    [
      'no_permission',
      () => run('ACL', 'SETUSER', 'default', 'resetkeys', '%R~*'),
      () => run('ACL', 'SETUSER', 'default', 'allkeys'),
    ],
    ['full', () => configure([['maxmemory', '1mb']]), () => configure([['maxmemory', '0']])],
    [
      'too_few_replicas',
      () => configure([['min-replicas-to-write', '1']]),
      () => configure([['min-replicas-to-write', '0']]),
    ],
    ['persistence_failed', failSave, () => configure([['stop-writes-on-bgsave-error', 'no']])],
  ];

  async function failSave(): Promise<void> {
    await configure([['save', '3600 1']]);
    await mkdir(join(server.directory, 'dump.rdb', 'in-the-way'), { recursive: true });
    await run('BGSAVE');
    await expect
      .poll(async () => String(await run('INFO', 'persistence')))
      .toMatch('rdb_last_bgsave_status:err');
  }

  test.each(refusals)(
    'is refused as %s by a probe and by an append, until that is over (%#)',
    async (refusal, begin, end) => {
      const nodeId = 'refused';
      await connection.ready();
      const { epoch, lastSeq } = await claimed(store, nodeId);
      const append = () =>
        store.append(batchOf({ nodeId, epoch }, lastSeq + 1, logLines(lastSeq + 1, lastSeq + 1)));
      await begin();
      await expect(store.probe()).rejects.toMatchObject({ refusal });
      // The first refusal of a replica makes the connection look for the primary.
      const refused = (error: unknown) => (error as LogStoreUnavailableError).refusal;
      await expect.poll(() => append().catch(refused)).toBe(refusal);
      await end();
      await expect.poll(() => store.probe().then(() => 'taken', String)).toBe('taken');
      // Where the announcement alone was refused, the entries stand already.
      expect(['appended', 'duplicate']).toContain((await append()).kind);
    },
  );

  test('that is not there is away, and refuses nothing', async () => {
    const gone = await RedisServer.start();
    const lost = new RedisConnection(parseRedisUrl(gone.url));
    const away = new RedisLogStore({ connection: lost, clock: systemClock, limits: CONTRACT_LIMITS });
    await lost.ready();
    await gone.stop();
    await expect(away.probe()).rejects.toMatchObject({ refusal: undefined });
    await away.close();
  });
});

describe('a server whose Redis refuses writes', () => {
  test('is not ready, and names the refusal to operators and readers', async () => {
    const redis = await RedisServer.start();
    const app = await AppProcess.start({ REDIS_URL: redis.url });
    try {
      const body = JSON.stringify({ provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'gpt2' });
      const launched = await app.fetch('/admin/nodes/launch', { method: 'POST', body });
      const { node_id: nodeId } = (await launched.json()) as { node_id: string };
      const reader = await SseReader.open(`${app.url}/admin/nodes/${nodeId}/logs/stream`, {
        'X-Admin-Token': app.token,
      });
      await reader.until(({ event }) => event === 'log');
      const ready = async () => (await fetch(`${app.url}/readyz`)).json();
      expect(await ready()).toEqual({ status: 'ready', checks: { log_store: 'ok', database: 'ok' } });

      await redis.with((commands) => commands.config('SET', 'min-replicas-to-write', '1'));
      await expect.poll(ready).toEqual({
        status: 'not ready',
        checks: { log_store: 'failed', database: 'ok' },
        reasons: { log_store: 'too_few_replicas' },
      });
      expect((await fetch(`${app.url}/readyz`)).status).toBe(503);
      const notice = (await reader.until(({ event }) => event === 'notice')).at(-1);
      expect(JSON.parse(notice?.data ?? '')).toEqual({
        code: 'log_store_refuses_entries',
        message: refusalText('too_few_replicas'),
      });
      const metrics = await (await app.fetch('/metrics')).text();
      expect(metrics).toMatch('launchlog_log_store_refuses{reason="too_few_replicas"} 1');
      expect(metrics).toMatch('launchlog_log_store_refuses{reason="full"} 0');
      expect(app.output).toMatch(refusalText('too_few_replicas'));
      reader.close();
    } finally {
      await app.close();
      await redis.stop();
    }
  });

  test('does not start on a replica, and answers why in one sentence', async () => {
    const primary = await RedisServer.start();
    const replica = await RedisServer.start({ args: ['--replicaof', '127.0.0.1', String(primary.port)] });
    try {
      const failure = await AppProcess.start({ REDIS_URL: replica.url }).catch((error: unknown) => error);
      expect(String(failure)).toMatch(
        'REDIS_URL names a replica, which takes no writes: name its primary, or its Sentinels',
      );
    } finally {
      await replica.stop();
      await primary.stop();
    }
  });
});
