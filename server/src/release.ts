import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the package that this code belongs to, whether it runs from sources, compiled or as the published bundle. */
export const PACKAGE_FOLDER = packageFolder(dirname(fileURLToPath(import.meta.url)));

/** The release, by semantic versioning, such as `0.1.0`. */
export const RELEASE = release(join(PACKAGE_FOLDER, 'package.json'));

function packageFolder(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('the server runs outside of its package: there is no package.json');
  return packageFolder(parent);
}

function release(path: string): string {
  const manifest: unknown = JSON.parse(readFileSync(path, 'utf8'));
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : '';
  if (typeof version !== 'string' || version === '') throw new Error(`${path} names no version`);
  return version;
}
