import { DrizzleQueryError } from 'drizzle-orm/errors';
import type { PgRemoteDatabase } from 'drizzle-orm/pg-proxy';
import { drizzle } from 'drizzle-orm/pg-proxy';
import type { SqlDatabase } from './sql-database.js';
import { storableText } from './storable-text.js';

/** Drizzle's query builder, on a PostgreSQL server or the embedded one. */
export type SqlQueries = PgRemoteDatabase;

export function queriesOf(database: SqlDatabase): SqlQueries {
  return drizzle(async (text, parameters: unknown[]) => {
    const values = parameters.map((value) => (typeof value === 'string' ? storableText(value) : value));
    return { rows: await database.query(text, values) };
  });
}

/** Runs a query. Rejects with the database's own error, because Drizzle's would show the parameters in its message. */
export async function answerOf<Answer>(query: PromiseLike<Answer>): Promise<Answer> {
  try {
    return await query;
  } catch (error) {
    if (error instanceof DrizzleQueryError && error.cause !== undefined) throw error.cause;
    throw error;
  }
}
