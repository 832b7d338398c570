import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';

const MAIN_PATH = createRequire(import.meta.url).resolve('@launchlog/server/main');
const PREPARED = fileURLToPath(import.meta.resolve('@launchlog/server/main')).replace(
  /dist.*/,
  'prepared/database.tar.gz',
);
/** 360 MB on Linux with Node 20. */
const FIRST_START_MAX_MB = 450;
const open: (() => void)[] = [];
beforeAll(() => {
  const script = join(PREPARED, '../../build/prepare-database.js');
  if (!existsSync(PREPARED)) execFileSync(process.execPath, [script]);
}, 120_000);
afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** The most memory that a process has had; 0 on systems without `/proc`. */
function peakMegabytes(pid: number | undefined): number {
  const path = `/proc/${pid}/status`;
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return Number(/VmHWM:\s+(\d+) kB/.exec(text)?.[1] ?? 0) / 1_024;
}

describe('the output of the server', () => {
  test.each(['SIGTERM', 'SIGHUP'] as const)(
    'may be closed by its reader: the server still answers and stops in order at %s',
    async (signal) => {
      const folder = mkdtempSync(join(tmpdir(), 'launchlog-main-'));
      const child = spawn(process.execPath, [MAIN_PATH], {
        env: { PATH: process.env['PATH'], PORT: '0', DATA_DIR: folder, ORCHESTRATOR: 'simulated' },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      open.push(() => rmSync(folder, { recursive: true, force: true }));
      open.push(() => child.kill('SIGKILL'));
      const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
      const url = /listens on (http:\/\/\S+)/.exec(line)?.[1] ?? '';
      // This is a first start: see decision 179.
      expect(peakMegabytes(child.pid)).toBeLessThan(FIRST_START_MAX_MB);
      child.stdout.destroy();
      child.stderr.destroy();
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      const ended = once(child, 'exit');
      // It reports that it stops, to nobody.
      child.kill(signal);
      expect(await ended).toEqual([0, null]);
    },
  );

  test('is one line that names the variable when the configuration cannot be used', async () => {
    const child = spawn(process.execPath, [MAIN_PATH], {
      env: { PATH: process.env['PATH'], PORT: 'http' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    open.push(() => child.kill('SIGKILL'));
    const ended = once(child, 'exit');
    const chunks: string[] = await child.stderr.setEncoding('utf8').toArray();
    expect(chunks.join('')).toBe('Launchlog cannot start: PORT must be a whole number from 0 to 65535\n');
    expect(await ended).toEqual([1, null]);
  });

  test('is one line that names DATA_DIR and the remedy when the folder cannot be made', async () => {
    const child = spawn(process.execPath, [MAIN_PATH], {
      env: { PATH: process.env['PATH'], PORT: '0', DATA_DIR: '/proc/launchlog', ORCHESTRATOR: 'simulated' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    open.push(() => child.kill('SIGKILL'));
    const ended = once(child, 'exit');
    const chunks: string[] = await child.stderr.setEncoding('utf8').toArray();
    expect(chunks.join('')).toMatch(
      /^Launchlog cannot start: DATA_DIR \/proc\/launchlog cannot be used: .*Name a folder that this user may write to\n$/,
    );
    expect(await ended).toEqual([1, null]);
  });
});
