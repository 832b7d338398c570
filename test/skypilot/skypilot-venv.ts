import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

const SKYPILOT_VERSION = '0.14.1';
const CACHE = fileURLToPath(new URL('../../.cache/skypilot-venv', import.meta.url));

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder of the virtual environment with the real SkyPilot. */
    skypilotVenv: string;
  }
}

/** Uses the environment in SKYPILOT_VENV, or makes one from PyPI and keeps it. */
export function setup(project: TestProject): void {
  const venv = process.env['SKYPILOT_VENV'] ?? CACHE;
  if (!existsSync(path.join(venv, 'bin', 'sky'))) {
    const python = process.env['PYTHON'] ?? 'python3';
    console.log(`Installing skypilot ${SKYPILOT_VERSION} from PyPI into ${venv} (a minute or two)`);
    execFileSync(python, ['-m', 'venv', venv], { stdio: 'inherit' });
    const pip = ['-m', 'pip', 'install', '--quiet', `skypilot[lambda]==${SKYPILOT_VERSION}`];
    execFileSync(path.join(venv, 'bin', 'python'), pip, { stdio: 'inherit' });
  }
  project.provide('skypilotVenv', venv);
}
