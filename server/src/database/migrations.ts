import { z } from 'zod';
import { SqlColumns } from './sql-columns.js';
import type { SqlDatabase } from './sql-database.js';

export interface Migration {
  /** 1, 2, 3, ... A migration that was released never changes. */
  readonly id: number;
  readonly name: string;
  /** PL/pgSQL statements. They run once, in one transaction with all other pending migrations. */
  readonly sql: string;
}

/** An arbitrary number that all servers share, so that only one of them migrates at a time. */
const MIGRATION_LOCK = 5_216_002;
const NEWEST = new SqlColumns(z.object({ id: z.int() }), { id: 'coalesce(max(id), 0)::int' });

/**
 * Brings the database to the newest schema. Any number of servers may do so at the same time. Rejects when the database
 * is newer than this program.
 */
export async function migrate(database: SqlDatabase, migrations: readonly Migration[]): Promise<void> {
  const steps = migrations.map(
    ({ id, name, sql }) => `
      if not exists (select from launchlog_migrations where id = ${id}) then
        ${sql}
        insert into launchlog_migrations (id, name) values (${id}, '${name}');
      end if;`,
  );
  await database.script(`
    select pg_advisory_xact_lock(${MIGRATION_LOCK});
    create table if not exists launchlog_migrations (
      id int primary key, name text not null, applied_at timestamptz not null default now()
    );
    do $migrate$ begin
      ${steps.join('\n')}
    end $migrate$;`);
  const applied = await NEWEST.first(database, `select ${NEWEST.list} from launchlog_migrations`, []);
  const newest = migrations.at(-1)?.id ?? 0;
  if (applied !== undefined && applied.id > newest) {
    throw new Error(
      `the database is newer than this program: it has migration ${applied.id}, this program knows up to ${newest}`,
    );
  }
}
