import { randomUUID } from 'node:crypto';
import { MIGRATIONS } from '@launchlog/server/app/all-migrations';
import { migrate } from '@launchlog/server/database/migrations';
import { PgSqlDatabase } from '@launchlog/server/database/pg-sql-database';
import { PostgresServer } from '../backing-service/postgres-server.js';

const SERVER = Symbol.for('launchlog.copied-database');

/** Survives when modules are loaded again. */
const kept = globalThis as { [SERVER]?: Promise<PostgresServer> };

/**
 * A copy of an empty database or of a migrated one, on a server that is started once for the process: the trials of `npm run test:guards` open one
 * database after another.
 */
export async function openCopiedDatabase(of: 'template1' | 'migrated') {
  const server = await (kept[SERVER] ??= startServer());
  const name = `copy_${randomUUID().replaceAll('-', '')}`;
  await server.query(`create database ${name} template ${of}`);
  const database = new PgSqlDatabase({ url: urlOf(server, name) });
  return {
    database,
    stop: async () => {
      await database.close();
      await server.query(`drop database ${name} with (force)`);
    },
  };
}

async function startServer(): Promise<PostgresServer> {
  const server = await PostgresServer.start();
  await server.query('create database migrated');
  const database = new PgSqlDatabase({ url: urlOf(server, 'migrated') });
  await migrate(database, MIGRATIONS);
  await database.close();
  // Vitest ends the process by this signal, without the event `exit` at which servers are ended.
  process.once('SIGTERM', () => void server.stop().finally(() => process.exit()));
  return server;
}

function urlOf({ url }: PostgresServer, name: string): string {
  return url.replace(/[^/]*$/, name);
}
