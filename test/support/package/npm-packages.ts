import { execFile } from 'node:child_process';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CACHE = fileURLToPath(new URL('../../../.cache', import.meta.url));

/** A folder in which exactly these packages of npm are installed, such as `ws@8.23.0`, kept in `.cache` for the next run. */
export async function npmPackages(name: string, packages: readonly string[]): Promise<string> {
  const folder = join(CACHE, `npm-${name}`);
  const ready = join(folder, 'ready');
  const isReady = await access(ready).then(
    () => true,
    () => false,
  );
  if (isReady) return folder;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "private": true }');
  const options = ['--no-audit', '--no-fund', '--silent', '--legacy-peer-deps'];
  await run('npm', ['install', ...options, ...packages], { cwd: folder });
  await writeFile(ready, packages.join('\n'));
  return folder;
}
