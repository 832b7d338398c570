import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { migrate } from '@launchlog/server/database/migrations';
import { PgSqlDatabase } from '@launchlog/server/database/pg-sql-database';
import { NODE_MIGRATIONS } from '@launchlog/server/node/node-migrations';
import { SqlNodeStore } from '@launchlog/server/node/sql-node-store';
import { logEntrySchema } from '@launchlog/shared/log-entry';
import { PostgresServer } from '../../support/backing-service/postgres-server.js';
import { RedisServer } from '../../support/backing-service/redis-server.js';
import { disorderOf } from '../../support/log/log-order.js';
import { buildWorkspaces } from '../../support/package/built-workspaces.js';
import { newNode } from '../../support/sample/new-node.js';
import { eventually, within } from '../../support/within.js';

interface CloudCall {
  readonly kind: 'launch' | 'resume' | 'tearDown';
  readonly name: string;
  readonly cluster: string;
}

const LINES = 120;
/** How many of them a launch prints while launches are held. */
const HELD_LINES = LINES / 3;
const ALL_LINES = Array.from({ length: LINES }, (_, index) => index + 1);
/** How many launches run at the same time, on all servers together. */
const RUNNING_MAX = 8;
const LINE_MS = 25;
const LIMITS = { leaseMs: 3_000, heartbeatMs: 800, pollMs: 250 };
/** Longer than a test waits: nobody gets a launch because its lease has ended. */
const LONG_LEASE_MS = 600_000;

describe('servers as processes, on one PostgreSQL and one Redis', () => {
  const directory = mkdtempSync(join(tmpdir(), 'launchlog-processes-'));
  const cloudFile = join(directory, 'cloud.ndjson');
  const holdFile = join(directory, 'hold');
  let postgres: PostgresServer;
  let redis: RedisServer;
  let database: PgSqlDatabase;
  let nodes: SqlNodeStore;
  const workers: ChildProcess[] = [];

  beforeAll(async () => {
    [postgres, redis] = await Promise.all([PostgresServer.start(), RedisServer.start(), buildWorkspaces()]);
    database = new PgSqlDatabase({ url: postgres.url });
    await migrate(database, NODE_MIGRATIONS);
    nodes = new SqlNodeStore({ database, clock: systemClock });
  }, 120_000);
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => end(worker, 'SIGKILL')));
    rmSync(cloudFile, { force: true });
    release();
  });
  afterAll(async () => {
    await database.close();
    await Promise.all([postgres.stop(), redis.stop()]);
    rmSync(directory, { recursive: true });
  });

  async function startWorker(
    name: string,
    lineMs = LINE_MS,
    leaseMs = LIMITS.leaseMs,
  ): Promise<ChildProcess> {
    const settings = {
      name,
      databaseUrl: postgres.url,
      redisUrl: redis.url,
      cloudFile,
      holdFile,
      lines: LINES,
      lineMs,
      limits: { ...LIMITS, leaseMs },
    };
    const script = fileURLToPath(new URL('../../support/launch/launch-worker.mjs', import.meta.url));
    const worker = spawn(process.execPath, [script, JSON.stringify(settings)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    workers.push(worker);
    const died = once(worker, 'exit').then(([code]) => Promise.reject(new Error(`${name} exited: ${code}`)));
    died.catch(() => {});
    await Promise.race([once(worker.stdout!, 'data'), died]);
    return worker;
  }

  async function end(worker: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    if (worker.exitCode !== null || worker.signalCode !== null) return;
    const exited = once(worker, 'exit');
    worker.kill(signal);
    await exited;
  }

  async function created(): Promise<string> {
    const node = newNode();
    await nodes.create(node);
    return node.id;
  }

  /** Launches stop in their middle until they are released, however fast or slow the machine is. */
  const hold = () => writeFileSync(holdFile, '');
  const release = () => rmSync(holdFile, { force: true });

  const until = <Value>(
    ask: () => Promise<Value | undefined | false> | Value | undefined | false,
  ): Promise<Value> => eventually('the state of the launches', ask);

  function cloudCalls(): CloudCall[] {
    return readFileSync(cloudFile, { encoding: 'utf8', flag: 'a+' })
      .split('\n')
      .filter((text) => text !== '')
      .map((text) => JSON.parse(text) as CloudCall);
  }

  const entriesOf = (id: string) =>
    redis.with(async (client) =>
      (await client.lrange(`node_logs:${id}`, 0, -1)).map((text) => logEntrySchema.parse(JSON.parse(text))),
    );
  /** The lines in a log whose entries are in order. */
  async function linesOf(id: string): Promise<number[]> {
    const entries = await entriesOf(id);
    expect(disorderOf(entries)).toEqual([]);
    return entries.flatMap(({ message }) => /line (\d+)$/.exec(message)?.[1] ?? []).map(Number);
  }
  const printed = (id: string, lines: number) => async () => (await linesOf(id)).length >= lines;
  const active = (id: string) => async () => {
    const node = (await nodes.find(id))?.node;
    return node?.status === 'active' ? node : undefined;
  };

  /** Launched once, by the first. A machine that is too busy to renew a lease makes a server resume its own launch. */
  function expectContinuedBy(name: string): void {
    const [launched, ...resumed] = cloudCalls();
    expect(launched).toMatchObject({ kind: 'launch', name: 'first' });
    expect(resumed.at(-1)).toMatchObject({ kind: 'resume', name });
    expect(new Set(resumed.map(({ kind }) => kind))).toEqual(new Set(['resume']));
  }

  it('continue within seconds where a killed one stopped: launched once, each line once, in one order', async () => {
    hold();
    const first = await startWorker('first');
    const id = await created();
    await until(printed(id, HELD_LINES));
    await startWorker('second');
    release();
    // Killed while lines are on their way.
    await until(printed(id, HELD_LINES + 1));
    await end(first, 'SIGKILL');
    await until(active(id));
    expectContinuedBy('second');
    expect(await linesOf(id)).toEqual(ALL_LINES);
  });

  it('share launches between them, each launched by one, and no more at once than may run', async () => {
    hold();
    await Promise.all([startWorker('first', 5), startWorker('second', 5), startWorker('third', 5)]);
    const ids = await Promise.all(Array.from({ length: 20 }, created));
    await until(
      async () =>
        (await Promise.all(ids.map((id) => printed(id, HELD_LINES)()))).filter(Boolean).length ===
        RUNNING_MAX,
    );
    expect(cloudCalls()).toHaveLength(RUNNING_MAX);
    release();
    let most = 0;
    await until(async () => {
      const rows = await database.query(
        `select count(*) filter (where slot is not null)::int, count(*) filter (where status = 'active' and id = any($1))::int from nodes`,
        [ids],
      );
      const [running, done] = rows[0] as [number, number];
      most = Math.max(most, running);
      return done === ids.length;
    });
    expect(most).toBeLessThanOrEqual(RUNNING_MAX);
    const launches = cloudCalls().filter(({ kind }) => kind === 'launch');
    expect(new Set(launches.map(({ cluster }) => cluster)).size).toBe(20);
    expect(launches).toHaveLength(20);
    for (const id of ids) expect(await linesOf(id)).toEqual(ALL_LINES);
  });

  it('refuse the lines of one that slept through a takeover', async () => {
    const first = await startWorker('first');
    const id = await created();
    await until(printed(id, HELD_LINES));
    first.kill('SIGSTOP');
    await startWorker('second');
    await until(() => cloudCalls().length > 1);
    first.kill('SIGCONT');
    await until(active(id));
    // Its graceful end leaves nothing behind that it would still write.
    await within('the stop', end(first, 'SIGTERM'));
    expectContinuedBy('second');
    expect(await linesOf(id)).toEqual(ALL_LINES);
  });

  it('release everything on a graceful stop, and the others continue at once', async () => {
    hold();
    const first = await startWorker('first', LINE_MS, LONG_LEASE_MS);
    const id = await created();
    await until(printed(id, HELD_LINES));
    await startWorker('second', LINE_MS, LONG_LEASE_MS);
    release();
    await until(printed(id, HELD_LINES + 1));
    await within('the stop', end(first, 'SIGTERM'));
    await until(active(id));
    expectContinuedBy('second');
    expect(await linesOf(id)).toEqual(ALL_LINES);
  });
});
