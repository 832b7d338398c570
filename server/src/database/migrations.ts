import { z } from 'zod';
import { SqlColumns } from './sql-columns.js';
import type { SqlDatabase } from './sql-database.js';

export interface Migration {
  /** 1, 2, 3, ..., additive ones counted apart. A migration that was released never changes. */
  readonly id: number;
  readonly name: string;
  /** PL/pgSQL statements. They run once, in one transaction with all other pending migrations. */
  readonly sql: string;
  /**
   * It only adds what an older program does not name: nullable columns, indexes, tables. Recorded apart from the others,
   * so that an older program still starts on this database.
   */
  readonly additive?: boolean;
}

/** An arbitrary number that all servers share, so that only one of them migrates at a time. */
const MIGRATION_LOCK = 5_216_002;
const NEWEST = new SqlColumns(z.object({ id: z.int() }), { id: 'coalesce(max(id), 0)::int' });

/** 0.1.0 refuses to start when this table has a migration that it does not know. */
const RECORD = 'launchlog_migrations';
const ADDITIVE_RECORD = 'launchlog_additive_migrations';

/**
 * Brings the database to the newest schema. Any number of servers may do so at the same time. Rejects when the database
 * has a migration that is newer than this program and not additive.
 */
export async function migrate(database: SqlDatabase, migrations: readonly Migration[]): Promise<void> {
  const steps = migrations.map(
    ({ id, name, sql, additive }) => `
      if not exists (select from ${recordOf(additive)} where id = ${id}) then
        ${sql}
        insert into ${recordOf(additive)} (id, name) values (${id}, '${name}');
      end if;`,
  );
  await database.script(`
    select pg_advisory_xact_lock(${MIGRATION_LOCK});
    ${[RECORD, ADDITIVE_RECORD]
      .map(
        (table) => `create table if not exists ${table} (
          id int primary key, name text not null, applied_at timestamptz not null default now()
        );`,
      )
      .join('\n')}
    do $migrate$ begin
      ${steps.join('\n')}
    end $migrate$;`);
  const applied = await NEWEST.first(database, `select ${NEWEST.list} from ${RECORD}`, []);
  const newest = migrations.findLast(({ additive }) => additive !== true)?.id ?? 0;
  if (applied !== undefined && applied.id > newest) {
    throw new Error(
      `the database is newer than this program: it has migration ${applied.id}, this program knows up to ${newest}`,
    );
  }
}

function recordOf(additive: boolean | undefined): string {
  return additive === true ? ADDITIVE_RECORD : RECORD;
}
