import type { SqlDatabase } from './sql-database.js';

export interface Migration {
  /** 1, 2, 3 …; a migration that was released is never changed. */
  readonly id: number;
  readonly name: string;
  /** Statements of PL/pgSQL; run once, in one transaction with all the others that are due. */
  readonly sql: string;
}

/** Any number, the same for every server: only one of them migrates at a time. */
const MIGRATION_LOCK = 5_216_002;

/**
 * Brings the database to the newest schema. Any number of servers may do so at once. Rejects when the database is
 * newer than this program.
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
  const [row] = await database.query('select coalesce(max(id), 0)::int from launchlog_migrations', []);
  const newest = migrations.at(-1)?.id ?? 0;
  if (Number(row?.[0]) > newest) {
    throw new Error(
      `the database is newer than this program: it has migration ${String(row?.[0])}, known is ${newest}`,
    );
  }
}
