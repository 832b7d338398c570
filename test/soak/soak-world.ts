import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PostgresServer } from '../support/backing-service/postgres-server.js';
import { RedisServer } from '../support/backing-service/redis-server.js';
import { MEASURED_MEMORY } from '../support/process/live-memory.js';
import { AppProcess } from '../support/server/app-process.js';

const SPEED = '20';
/** Simulated minutes until a preemption and the like: half a minute of the soak. */
const FATE_MINUTES = '10';
const ENVIRONMENT = {
  SIMULATOR_SPEED: SPEED,
  SIMULATOR_FATE_MINUTES: FATE_MINUTES,
  MAX_RUNNING_LAUNCHES: '100',
  LOG_LEVEL: 'error',
  // All readers come from one address with one token, and ask again and again while a server is away.
  REQUESTS_PER_MINUTE: '10000000',
  REQUESTS_PER_MINUTE_AND_ADDRESS: '10000000',
  LAUNCHES_PER_MINUTE: '100000',
} as const;

/** Two servers on one PostgreSQL and one Redis. The `steady` one is measured, and is never killed; the `mortal` one is. */
export class SoakWorld {
  static async start(): Promise<SoakWorld> {
    const folder = await mkdtemp(join(tmpdir(), 'launchlog-soak-'));
    const postgres = await PostgresServer.start();
    const redis = await RedisServer.start({ aof: true });
    const memoryFile = join(folder, 'memory');
    const environment = {
      ...ENVIRONMENT,
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
      MEMORY_FILE: memoryFile,
    };
    const steady = await AppProcess.start(environment, MEASURED_MEMORY);
    const mortal = await AppProcess.start(environment);
    return new SoakWorld({ folder, memoryFile, postgres, redis, steady, mortal });
  }

  readonly memoryFile: string;
  readonly postgres: PostgresServer;
  readonly redis: RedisServer;
  readonly steady: AppProcess;
  readonly mortal: AppProcess;
  readonly #folder: string;

  private constructor(parts: SoakParts) {
    this.memoryFile = parts.memoryFile;
    this.postgres = parts.postgres;
    this.redis = parts.redis;
    this.steady = parts.steady;
    this.mortal = parts.mortal;
    this.#folder = parts.folder;
  }

  /** Each time the other one. */
  server(turn: number): AppProcess {
    return turn % 2 === 0 ? this.steady : this.mortal;
  }

  async close(): Promise<void> {
    for (const part of [this.mortal, this.steady]) await part.close();
    await this.redis.stop();
    await this.postgres.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

type SoakParts = Readonly<
  Pick<SoakWorld, 'memoryFile' | 'postgres' | 'redis' | 'steady' | 'mortal'> & { folder: string }
>;
