import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { MIGRATIONS } from '@launchlog/server/app/all-migrations';
import { systemClock } from '@launchlog/server/clock';
import { type Migration, migrate } from '@launchlog/server/database/migrations';
import { PgliteSqlDatabase } from '@launchlog/server/database/pglite-sql-database';

// By the server's program: the benchmark runs a compiled copy of this file from another folder.
const ROOT = path.resolve(createRequire(import.meta.url).resolve('@launchlog/server/main'), '../../..');
const CACHE = path.join(ROOT, '.cache');

/**
 * Makes the folder of a new, empty database. PGlite takes 4 s of CPU to make one, so it makes one that is copied, also
 * by later runs. `pglite-database.test.ts` and `main-output.test.ts` begin without a folder, as a first start does.
 */
export async function makeNewPgliteFolder(folder: string): Promise<void> {
  await copyTemplate(`pglite-${pgliteVersion()}`, [], folder);
}

/** Makes the folder of a database with the schema of this version, and without rows: a server that starts on it has 2 s of CPU less to do. */
export async function makeMigratedPgliteFolder(folder: string): Promise<void> {
  const schema = createHash('sha256').update(JSON.stringify(MIGRATIONS)).digest('hex').slice(0, 16);
  await copyTemplate(`pglite-${pgliteVersion()}-${schema}`, MIGRATIONS, folder);
}

async function copyTemplate(name: string, migrations: readonly Migration[], folder: string): Promise<void> {
  const template = path.join(CACHE, name);
  if (!existsSync(template)) await makeTemplate(template, migrations);
  mkdirSync(path.dirname(folder), { recursive: true, mode: 0o700 });
  cpSync(template, folder, { recursive: true });
}

async function makeTemplate(template: string, migrations: readonly Migration[]): Promise<void> {
  mkdirSync(CACHE, { recursive: true });
  const draft = mkdtempSync(path.join(CACHE, 'pglite-draft-'));
  const directory = path.join(draft, 'database');
  try {
    const database = await PgliteSqlDatabase.open({ directory, clock: systemClock, lockWaitMs: 0 });
    if (migrations.length > 0) await migrate(database, migrations);
    await database.close();
    renameSync(directory, template);
  } catch (error) {
    // Another test file may have made it.
    if (!existsSync(template)) throw error;
  } finally {
    rmSync(draft, { recursive: true });
  }
}

function pgliteVersion(): string {
  const manifest = readFileSync(path.join(ROOT, 'node_modules/@electric-sql/pglite/package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
