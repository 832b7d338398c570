import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
export const SDK_FOLDER = join(root, 'client-sdk');
export const CLI_PATH = join(SDK_FOLDER, 'bin/launchlog.js');
/** A complete launch, as flags. */
export const LAUNCH_FLAGS =
  '--provider aws --region us-west-2 --gpu A100 --model meta-llama/Llama-2-7b'.split(' ');

const LOCK = join(SDK_FOLDER, '.cache/build.lock');
const LOCK_WAIT_MS = 60_000;
const SOURCES = ['client-sdk/src', 'client-sdk/build', 'shared/src', 'server/src/trpc'];

/** Builds the package if it is older than its sources. Test files that run at the same time build it once. */
export function buildSdk(): void {
  takeLock();
  try {
    if (builtAtMs() > newestSourceMs()) return;
    execFileSync('npm', ['run', 'build', '--silent'], { cwd: SDK_FOLDER, stdio: 'pipe' });
  } finally {
    rmSync(LOCK, { recursive: true, force: true });
  }
}

function takeLock(): void {
  mkdirSync(join(SDK_FOLDER, '.cache'), { recursive: true });
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  for (const startMs = Date.now(); ; Atomics.wait(sleeper, 0, 0, 100)) {
    try {
      mkdirSync(LOCK);
      return;
    } catch (error) {
      if (Date.now() - startMs > LOCK_WAIT_MS) throw error;
    }
  }
}

function builtAtMs(): number {
  try {
    return statSync(join(SDK_FOLDER, 'dist/index.d.ts')).mtimeMs;
  } catch {
    return 0;
  }
}

function newestSourceMs(): number {
  const times = SOURCES.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(
      (name) => statSync(join(root, folder, name)).mtimeMs,
    ),
  );
  return Math.max(...times);
}
