import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Builds what a test's own processes run: they read `dist`, not the sources. Quick when nothing has changed. */
export async function buildWorkspaces(): Promise<void> {
  const parameters = ['node_modules/typescript-7/bin/tsc', '-b', 'shared', 'server'];
  await promisify(execFile)(process.execPath, parameters, { cwd: root });
}

/** Builds the published form of the server in `server/bundle`, with the console. Quick when nothing has changed. */
export async function buildServerBundle(): Promise<void> {
  await promisify(execFile)(process.execPath, ['server/build/build.js', '--bundle'], { cwd: root });
}
