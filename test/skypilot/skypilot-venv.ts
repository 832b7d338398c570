import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

const SKYPILOT_VERSION = '0.14.1';
const UV_VERSION = '0.13.9';
const CACHE = fileURLToPath(new URL('../../.cache', import.meta.url));

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder of the virtual environment with the real SkyPilot. */
    skypilotVenv: string;
  }
}

/** Uses the environment in SKYPILOT_VENV, or makes one from PyPI and keeps it. */
export function setup(project: TestProject): void {
  const venv = process.env['SKYPILOT_VENV'] ?? path.join(CACHE, 'skypilot-venv');
  const wanted = `skypilot[lambda]==${SKYPILOT_VERSION}`;
  make(venv, [['-m', 'pip', 'install', '--quiet', wanted]]);
  project.provide('skypilotVenv', venv);
}

/**
 * Makes an environment with an older version once, and returns its folder. `until`: a day. Old versions did not limit those of
 * their dependencies, so that what was published after that day would break them.
 */
export function skypilotVenvOf({
  version,
  until,
}: {
  readonly version: string;
  readonly until: string;
}): string {
  const venv = path.join(CACHE, 'skypilot-versions', version);
  const wanted = ['--quiet', '--no-cache', '--exclude-newer', until, `skypilot[lambda]==${version}`];
  make(venv, [
    ['-m', 'pip', 'install', '--quiet', `uv==${UV_VERSION}`],
    ['-m', 'uv', 'pip', 'install', ...wanted],
  ]);
  return venv;
}

function make(venv: string, steps: readonly (readonly string[])[]): void {
  if (existsSync(path.join(venv, 'bin', 'sky'))) return;
  console.log(`Installing SkyPilot from PyPI into ${venv} (a minute or two)`);
  const python = path.join(venv, 'bin', 'python');
  try {
    execFileSync(process.env['PYTHON'] ?? 'python3', ['-m', 'venv', venv], { stdio: 'inherit' });
    for (const words of steps)
      execFileSync(python, words, {
        stdio: 'inherit',
        env: { ...process.env, VIRTUAL_ENV: venv, UV_SYSTEM_CERTS: '1' },
      });
  } catch (cause) {
    throw new Error(`SkyPilot could not be installed from PyPI into ${venv}`, { cause });
  }
}
