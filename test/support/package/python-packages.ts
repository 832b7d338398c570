import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BUILD_MS } from '../within.js';

const run = promisify(execFile);
const CACHE = fileURLToPath(new URL('../../../.cache', import.meta.url));

/**
 * An environment with exactly these packages of PyPI, such as `requests==2.34.2`, kept in `.cache` for the next run.
 * Resolves with the folder of its programs. Fails, and names what is missing, where it cannot be made.
 */
export async function pythonPackages(name: string, packages: readonly string[]): Promise<string> {
  const folder = join(CACHE, `python-${name}`);
  const ready = join(folder, `ready-${packages.join('+').replace(/[^A-Za-z0-9.+=_-]/g, '')}`);
  if (await exists(ready)) return join(folder, 'bin');
  await rm(folder, { recursive: true, force: true });
  await mkdir(CACHE, { recursive: true });
  try {
    await python('python3', ['-m', 'venv', '--without-pip', folder]);
    const pip = ['-m', 'pip', '--disable-pip-version-check', '--python', join(folder, 'bin/python')];
    await python(await pythonWithPip(), [...pip, 'install', '--quiet', ...packages]);
  } catch (cause) {
    const what = `the Python packages ${packages.join(', ')} cannot be installed`;
    throw new Error(`${what}; python3, its venv (Debian: python3-venv) and PyPI are needed`, { cause });
  }
  await writeFile(`${ready}.draft`, '');
  await rename(`${ready}.draft`, ready);
  return join(folder, 'bin');
}

/** The Python of one environment that has pip, which takes 4 s of CPU to make, and installs into all others. */
async function pythonWithPip(): Promise<string> {
  const folder = join(CACHE, 'python-pip');
  if (!(await exists(folder))) {
    const draft = await mkdtemp(join(CACHE, 'python-pip-draft-'));
    await python('python3', ['-m', 'venv', draft]);
    try {
      await rename(draft, folder);
    } catch (error) {
      // Another test file may have made it.
      await rm(draft, { recursive: true });
      if (!(await exists(folder))) throw error;
    }
  }
  return join(folder, 'bin/python');
}

async function python(program: string, args: readonly string[]): Promise<void> {
  await run(program, args, { timeout: BUILD_MS });
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
