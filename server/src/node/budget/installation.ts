import { z } from 'zod';
import { SqlColumns } from '../../database/sql-columns.js';
import type { SqlDatabase } from '../../database/sql-database.js';

const INSTALLATION = new SqlColumns(z.object({ id: z.string() }), { id: 'id' });

/** The id of all servers that share this database. It is created with the table and never changes. */
export async function readInstallation(database: SqlDatabase): Promise<string> {
  const row = await INSTALLATION.first(database, `select ${INSTALLATION.list} from installation`, []);
  if (row === undefined) throw new Error('the database has no id of its installation');
  return row.id;
}
