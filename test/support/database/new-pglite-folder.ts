import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { MIGRATIONS } from '@launchlog/server/app/all-migrations';
import { systemClock } from '@launchlog/server/clock';
import { type Migration, migrate } from '@launchlog/server/database/migrations';
import { PgliteSqlDatabase } from '@launchlog/server/database/pglite-sql-database';
import { TemplateFolder } from '../process/template-folder.js';

/**
 * Makes the folder of a new, empty database. `pglite-database.test.ts` and `main-output.test.ts` begin without a folder,
 * as a first start does.
 */
export async function makeNewPgliteFolder(folder: string): Promise<void> {
  await template(`pglite-${pgliteVersion()}`, []).copyTo(folder);
}

/** Makes the folder of a database with the schema of this version and without rows, which saves 2 s of CPU in each start. */
export async function makeMigratedPgliteFolder(folder: string): Promise<void> {
  const schema = createHash('sha256').update(JSON.stringify(MIGRATIONS)).digest('hex').slice(0, 16);
  await template(`pglite-${pgliteVersion()}-${schema}`, MIGRATIONS).copyTo(folder);
}

function template(name: string, migrations: readonly Migration[]): TemplateFolder {
  return new TemplateFolder(name, async (directory) => {
    const database = await PgliteSqlDatabase.open({ directory, clock: systemClock, lockWaitMs: 0 });
    if (migrations.length > 0) await migrate(database, migrations);
    await database.close();
  });
}

function pgliteVersion(): string {
  const program = createRequire(import.meta.url).resolve('@launchlog/server/main');
  const manifest = path.resolve(program, '../../../node_modules/@electric-sql/pglite/package.json');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
