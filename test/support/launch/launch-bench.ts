import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MIGRATIONS } from '@launchlog/server/app/all-migrations';
import { systemClock } from '@launchlog/server/clock';
import { migrate } from '@launchlog/server/database/migrations';
import { PgSqlDatabase } from '@launchlog/server/database/pg-sql-database';
import type { LaunchLimits } from '@launchlog/server/launch/launch-limits';
import { EmbeddedLogStore } from '@launchlog/server/log/embedded-log-store';
import type { Node } from '@launchlog/shared/node';
import { PostgresServer } from '../backing-service/postgres-server.js';
import { RecordingDatabase } from '../database/recording-database.js';
import { AbsentLogStore } from '../fake/absent-log-store.js';
import { line, observe, ScriptedOrchestrator, serving, SUBMITTED } from '../fake/scripted-orchestrator.js';
import type { Script } from '../fake/scripted-orchestrator.js';
import { LaunchServer } from './launch-server.js';

const HOUR_MS = 3_600_000;
const LOG_LIMITS = { maxEntries: 10_000, maxBytes: 8e6, ttlMs: 24 * HOUR_MS, metaTtlMs: 48 * HOUR_MS };
const QUICK: Partial<LaunchLimits> = { pollMs: 100, heartbeatMs: 100, leaseMs: 10_000, tearDownRetryMs: 20 };

const TRYING = line('Launching on AWS us-west-2 (us-west-2a).', 'line-1');
/** Serves at once. */
export const SERVE: Script = { launch: observe(...SUBMITTED, TRYING, serving()) };
/** Never gets further than the first offer. */
export const HANG: Script = { launch: observe(...SUBMITTED, TRYING) };

/** Servers that launch by scripts, on one PostgreSQL and one log store. */
export class LaunchBench {
  readonly postgres: PostgresServer;
  readonly database: RecordingDatabase;
  readonly logs: AbsentLogStore;
  readonly #directory: string;
  readonly #servers: LaunchServer[] = [];

  static async open(): Promise<LaunchBench> {
    const directory = mkdtempSync(join(tmpdir(), 'launchlog-bench-'));
    const logs = await EmbeddedLogStore.open({ directory, clock: systemClock, limits: LOG_LIMITS });
    return new LaunchBench(await PostgresServer.start(), logs, directory);
  }

  private constructor(postgres: PostgresServer, logs: EmbeddedLogStore, directory: string) {
    this.postgres = postgres;
    this.database = new RecordingDatabase(new PgSqlDatabase({ url: postgres.url }));
    this.logs = new AbsentLogStore(logs);
    this.#directory = directory;
  }

  async start(script: Script, limits: Partial<LaunchLimits> = {}, secretsKey?: Uint8Array) {
    const orchestrator = new ScriptedOrchestrator(script);
    const server = await LaunchServer.start({
      database: this.database,
      logs: this.logs,
      orchestrator,
      limits: { ...QUICK, ...limits },
      name: `server-${this.#servers.length}`,
      ...(secretsKey !== undefined && { secretsKey }),
    });
    this.#servers.push(server);
    return { server, orchestrator };
  }

  /** No servers, no nodes. */
  async reset(): Promise<void> {
    await Promise.all(this.#servers.splice(0).map((server) => server.runner.stop()));
    await migrate(this.database, MIGRATIONS);
    await this.database.script('truncate nodes');
  }

  async close(): Promise<void> {
    await this.reset();
    await this.logs.close();
    await this.database.close();
    await this.postgres.stop();
    rmSync(this.#directory, { recursive: true });
  }
}

export const withStatus = (status: string) => (node: Node) => node.status === status;
export const inPhase = (phase: string) => (node: Node) => node.phase === phase;
