import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@launchlog/server/clock';
import { PgSqlDatabase } from '@launchlog/server/database/pg-sql-database';
import { PgliteSqlDatabase } from '@launchlog/server/database/pglite-sql-database';
import type { SqlDatabase } from '@launchlog/server/database/sql-database';
import { makeNewPgliteFolder } from './new-pglite-folder.js';
import { PgbouncerServer } from './pgbouncer-server.js';
import { PostgresServer } from './postgres-server.js';

/** An empty database of one kind, and how to be rid of it. */
export interface OpenDatabase {
  readonly database: SqlDatabase;
  readonly stop: () => Promise<void>;
}

const POOL_SIZE = 4;

const BEHIND_A_POOLER = {
  'PostgreSQL behind pgbouncer': async () => {
    const server = await PostgresServer.start();
    const pgbouncer = await PgbouncerServer.start({ url: server.url, poolSize: POOL_SIZE });
    const database = new PgSqlDatabase({ url: pgbouncer.url });
    return {
      database,
      stop: async () => {
        await database.close();
        await pgbouncer.stop();
        await server.stop();
      },
    };
  },
};

/** Every kind of database that nodes can live in. Those that cost more are for `npm run test:compat`. */
export const DATABASE_KINDS: Readonly<Record<string, () => Promise<OpenDatabase>>> = {
  ...(process.env['COMPAT'] === 'true' ? BEHIND_A_POOLER : {}),
  PostgreSQL: async () => {
    const server = await PostgresServer.start();
    const database = new PgSqlDatabase({ url: server.url });
    return {
      database,
      stop: async () => {
        await database.close();
        await server.stop();
      },
    };
  },
  PGlite: async () => {
    const directory = mkdtempSync(join(tmpdir(), 'launchlog-pglite-'));
    await makeNewPgliteFolder(join(directory, 'nodes'));
    const database = await PgliteSqlDatabase.open({
      directory: join(directory, 'nodes'),
      clock: systemClock,
      lockWaitMs: 0,
    });
    return {
      database,
      stop: async () => {
        await database.close();
        rmSync(directory, { recursive: true });
      },
    };
  },
};
