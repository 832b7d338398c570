import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MIGRATIONS } from '@launchlog/server/app/all-migrations';
import { systemClock } from '@launchlog/server/clock';
import { migrate } from '@launchlog/server/database/migrations';
import { PgSqlDatabase } from '@launchlog/server/database/pg-sql-database';
import { PgliteSqlDatabase } from '@launchlog/server/database/pglite-sql-database';
import type { SqlDatabase } from '@launchlog/server/database/sql-database';
import { PgbouncerServer } from '../backing-service/pgbouncer-server.js';
import { PostgresServer } from '../backing-service/postgres-server.js';
import { openCopiedDatabase } from './copied-database.js';
import { makeMigratedPgliteFolder, makeNewPgliteFolder } from './new-pglite-folder.js';

/** A database of one kind, and how to be rid of it. */
export interface OpenDatabase {
  readonly database: SqlDatabase;
  readonly stop: () => Promise<void>;
}

type DatabaseKinds = Readonly<Record<string, () => Promise<OpenDatabase>>>;

const POOL_SIZE = 4;
/** `npm run test:guards` opens one for each of hundreds of trials, in place of the kind that is first where one will do. */
const isGuards = process.env['GUARDS_FOLDER'] !== undefined;

/** Every kind of database that nodes can live in, without a schema. Those that cost more are for `npm run test:compat`. */
export const EMPTY_DATABASE_KINDS: DatabaseKinds = isGuards
  ? { PGlite: () => openCopiedDatabase('template1') }
  : {
      ...(process.env['COMPAT'] === 'true' ? { 'PostgreSQL behind pgbouncer': openBehindPooler } : {}),
      PostgreSQL: openPostgres,
      PGlite: () => openPglite(makeNewPgliteFolder),
    };

/** The same with the schema of this version, and without rows: what every running server has. */
export const DATABASE_KINDS: DatabaseKinds = isGuards
  ? { PGlite: () => openCopiedDatabase('migrated') }
  : {
      ...Object.fromEntries(
        Object.entries(EMPTY_DATABASE_KINDS).map(([kind, open]) => [kind, () => migrated(open)]),
      ),
      // Its schema costs 1.5 s of CPU, and is copied.
      PGlite: () => openPglite(makeMigratedPgliteFolder),
    };

async function migrated(open: () => Promise<OpenDatabase>): Promise<OpenDatabase> {
  const opened = await open();
  await migrate(opened.database, MIGRATIONS);
  return opened;
}

async function openPostgres(): Promise<OpenDatabase> {
  const server = await PostgresServer.start();
  const database = new PgSqlDatabase({ url: server.url });
  return {
    database,
    stop: async () => {
      await database.close();
      await server.stop();
    },
  };
}

async function openBehindPooler(): Promise<OpenDatabase> {
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
}

async function openPglite(makeFolder: (folder: string) => Promise<void>): Promise<OpenDatabase> {
  const parent = mkdtempSync(join(tmpdir(), 'launchlog-pglite-'));
  const directory = join(parent, 'nodes');
  await makeFolder(directory);
  const database = await PgliteSqlDatabase.open({ directory, clock: systemClock, lockWaitMs: 0 });
  return {
    database,
    stop: async () => {
      await database.close();
      rmSync(parent, { recursive: true });
    },
  };
}
