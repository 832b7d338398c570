import { join } from 'node:path';
import type { Clock } from '../clock.js';
import type { Config } from '../config.js';
import { DirectoryLock } from '../database/directory-lock.js';
import { migrate } from '../database/migrations.js';
import { MIGRATIONS } from './all-migrations.js';
import { openPgLanes } from './pg-lanes.js';
import { PgliteSqlDatabase } from '../database/pglite-sql-database.js';
import { openSharedLanes } from '../database/shared-sql-lanes.js';
import type { SqlLanes } from '../database/sql-lanes.js';
import { UnknownWords } from '../database/unknown-words.js';
import { wordedLanes } from '../database/worded-lanes.js';
import { EmbeddedLogStore, type EmbeddedLogStoreOptions } from '../log/embedded-log-store.js';
import { LogStoreUnavailableError, type LogLimits, type NodeLogStore } from '../log/log-store.js';
import { RedisLogStore } from '../log/redis-log-store.js';
import { ReportingLogStore } from '../log/reporting-log-store.js';
import { refusalText } from '../log/store-refusal.js';
import type { DamageReport } from '../log/damage/damage-reports.js';
import type { Logger } from '../logger.js';
import { fillLaunchFacts } from '../node/fact/launch-fact-fill.js';
import { fillNodeListing } from '../node/node-listing-fill.js';
import { RedisConnection } from '../redis/connection.js';
import { readRedisHealth, type RedisHealth } from '../redis/redis-health.js';
import { parseRedisUrl } from '../redis/redis-url.js';
import { answerWithin } from '../wait/answer-within.js';

export interface Stores {
  readonly database: SqlLanes;
  readonly logs: ReportingLogStore;
  /** Absent if Redis is not configured. */
  readonly redis?: RedisConnection | undefined;
  readonly redisHealth?: (() => Promise<RedisHealth>) | undefined;
  /** Closes everything, each part after the parts that need it. */
  close(): Promise<void>;
}

const HOUR_MS = 3_600_000;
/** How much longer the metadata of a log is kept than its entries. */
const META_TTL_FACTOR = 7;
const LOCK_WAIT_MS = 15_000;
/** How long a start waits for the first answer of Redis. The server also starts without one. */
const FIRST_ANSWER_MS = 2_000;

/** Opens the configured stores: PostgreSQL or PGlite, Redis or files in the data directory. */
export async function openStores(config: Config, clock: Clock, logger: Logger): Promise<Stores> {
  const logs = await openLogs(config, clock, logger);
  const store = new ReportingLogStore({ store: logs.store, clock, ...reports(logger) });
  try {
    const database = await openDatabase(config, clock, logger);
    const close = async () => {
      await store.close();
      await logs.close();
      await database.close();
    };
    try {
      await migrate(database.own, MIGRATIONS);
      await fillNodeListing(database.own);
      await fillLaunchFacts(database.own);
      return { database, logs: store, redis: logs.redis, redisHealth: logs.redisHealth, close };
    } catch (error) {
      await database.close();
      throw error;
    }
  } catch (error) {
    await store.close();
    await logs.close();
    throw error;
  }
}

function reports(logger: Logger) {
  return {
    onRefused: (err: unknown) => {
      const refusal = err instanceof LogStoreUnavailableError ? err.refusal : undefined;
      const problem = refusal === undefined ? 'the log store takes no entries now' : refusalText(refusal);
      logger.warn({ err, refusal }, `${problem}. They wait in memory and are retried`);
    },
    onTaken: () => logger.info('the log store takes entries again'),
    onDamaged: (report: DamageReport) =>
      logger.warn(
        report,
        'the log of a node is damaged: another program wrote to it, or the store lost a part. The rest is shown',
      ),
    onMoreDamaged: (logs: number) =>
      logger.warn({ logs }, 'the logs of more nodes are damaged, too many to report each'),
  };
}

async function openDatabase(config: Config, clock: Clock, logger: Logger): Promise<SqlLanes> {
  const words = new UnknownWords((found) =>
    logger.warn(found, 'the database has a word that this release does not know: it is shown as it is'),
  );
  return wordedLanes(await openLanes(config, clock), words);
}

async function openLanes(config: Config, clock: Clock): Promise<SqlLanes> {
  if (config.DATABASE_URL !== undefined) return openPgLanes(config.DATABASE_URL);
  const embedded = await PgliteSqlDatabase.open({
    directory: join(config.DATA_DIR, 'database'),
    clock,
    lockWaitMs: LOCK_WAIT_MS,
  });
  return openSharedLanes(embedded);
}

interface OpenLogs {
  readonly store: NodeLogStore;
  readonly redis?: RedisConnection;
  readonly redisHealth?: () => Promise<RedisHealth>;
  close(): Promise<void>;
}

async function openLogs(config: Config, clock: Clock, logger: Logger): Promise<OpenLogs> {
  const ttlMs = config.LOG_TTL_HOURS * HOUR_MS;
  const limits: LogLimits = {
    maxEntries: config.LOG_MAX_ENTRIES,
    maxBytes: config.LOG_MAX_BYTES,
    ttlMs,
    metaTtlMs: ttlMs * META_TTL_FACTOR,
  };
  if (config.REDIS_URL !== undefined) {
    const target = parseRedisUrl(config.REDIS_URL);
    const connection = new RedisConnection(target, logger);
    const store = new RedisLogStore({ connection, clock, limits });
    const redisHealth = () => readRedisHealth(connection, clock);
    if (target.kind === 'single') await refuseReplica({ connection, store, clock });
    return { store, redis: connection, redisHealth, close: () => store.close() };
  }
  return openEmbeddedLogs({ directory: join(config.DATA_DIR, 'logs'), clock, limits }, logger);
}

interface OpenedRedis {
  readonly connection: RedisConnection;
  readonly store: RedisLogStore;
  readonly clock: Clock;
}

/** Refuses a replica: a Redis that is away may come back, but on a replica no launch could continue. */
async function refuseReplica({ connection, store, clock }: OpenedRedis): Promise<void> {
  await answerWithin({ clock, ms: FIRST_ANSWER_MS }, connection.met(), undefined);
  const problem = await store.probe().catch((error: unknown) => error);
  if (!(problem instanceof LogStoreUnavailableError) || problem.refusal !== 'read_only') return;
  await store.close();
  throw new Error('REDIS_URL names a replica, which takes no writes: name its primary, or its Sentinels');
}

async function openEmbeddedLogs(options: EmbeddedLogStoreOptions, logger: Logger): Promise<OpenLogs> {
  const { directory, clock } = options;
  const lock = await DirectoryLock.acquire({ path: `${directory}.lock`, waitMs: LOCK_WAIT_MS, clock });
  try {
    const onDamaged = (damage: { nodeId: string; path: string }) =>
      logger.error(
        damage,
        'the file of a log was damaged: the log continues with what could be read, and the file is kept',
      );
    const store = await EmbeddedLogStore.open({ ...options, onDamaged });
    const close = async () => {
      await store.close();
      await lock.release();
    };
    return { store, close };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
