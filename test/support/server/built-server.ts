import { execFile } from 'node:child_process';
import { readdir, stat, utimes } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';

// By the server's program: the benchmark runs a compiled copy of this file from another folder.
const ROOT = path.resolve(createRequire(import.meta.url).resolve('@launchlog/server/main'), '../../..');
const PROGRAM = path.join(ROOT, 'server/bundle/main.js');
const SOURCES = ['server/src', 'shared/src', 'server/tsdown.config.ts', 'package-lock.json'];

let built: Promise<string> | undefined;

/**
 * The program of the server as it is published: one file, which starts with a third less CPU than the hundreds in
 * `dist`. It is built if a source is newer than it, so nobody tests what was. Asked once in each process.
 */
export function builtServer(): Promise<string> {
  return (built ??= build());
}

async function build(): Promise<string> {
  const [own, ...sources] = await Promise.all([changedAt(PROGRAM), ...SOURCES.map(newestBelow)]);
  if (own < Math.max(...sources)) {
    await promisify(execFile)(process.execPath, ['server/build/build.js', '--server'], { cwd: ROOT });
    // The build compares contents, and leaves alone what a checkout has written once more.
    const now = new Date();
    await utimes(PROGRAM, now, now);
  }
  return PROGRAM;
}

async function newestBelow(name: string): Promise<number> {
  const top = path.join(ROOT, name);
  const entries = await readdir(top, { recursive: true }).catch(() => []);
  // A folder changes when a file in it is removed.
  return Math.max(...(await Promise.all(['', ...entries].map((entry) => changedAt(path.join(top, entry))))));
}

/** Milliseconds since 1970; 0 if nothing is there. */
async function changedAt(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.mtimeMs ?? 0;
}
