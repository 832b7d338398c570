import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { systemClock } from '@launchlog/server/clock';
import { PgliteSqlDatabase } from '@launchlog/server/database/pglite-sql-database';

// By the server's program: the benchmark runs a compiled copy of this file from another folder.
const ROOT = path.resolve(createRequire(import.meta.url).resolve('@launchlog/server/main'), '../../..');
const CACHE = path.join(ROOT, '.cache');

/**
 * Makes the folder of a new, empty database. PGlite takes 4 s of CPU to make one, so it makes one that is copied, also
 * by later runs. `pglite-database.test.ts` and `main-output.test.ts` begin without a folder, as a first start does.
 */
export async function makeNewPgliteFolder(folder: string): Promise<void> {
  const template = path.join(CACHE, `pglite-${pgliteVersion()}`);
  if (!existsSync(template)) await makeTemplate(template);
  mkdirSync(path.dirname(folder), { recursive: true, mode: 0o700 });
  cpSync(template, folder, { recursive: true });
}

async function makeTemplate(template: string): Promise<void> {
  mkdirSync(CACHE, { recursive: true });
  const draft = mkdtempSync(path.join(CACHE, 'pglite-draft-'));
  const directory = path.join(draft, 'database');
  try {
    const database = await PgliteSqlDatabase.open({ directory, clock: systemClock, lockWaitMs: 0 });
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
