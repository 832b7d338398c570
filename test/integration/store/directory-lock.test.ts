import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { DirectoryLock } from '@launchlog/server/database/directory-lock';
import { buildWorkspaces } from '../../support/package/built-workspaces.js';

describe('DirectoryLock', () => {
  let directory: string;
  let path: string;
  const holders: ChildProcess[] = [];

  beforeAll(buildWorkspaces);
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'launchlog-lock-'));
    path = join(directory, 'nodes.lock');
  });
  afterEach(() => {
    for (const holder of holders.splice(0)) holder.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  });

  const acquire = (waitMs: number) => DirectoryLock.acquire({ path, waitMs, clock: systemClock });

  /** A process that wants the lock, and the first thing it prints. */
  async function holder(waitMs = 0): Promise<{ child: ChildProcess; said: string }> {
    const script = fileURLToPath(new URL('../../support/process/lock-holder.mjs', import.meta.url));
    const child = spawn(process.execPath, [script, path, String(waitMs)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    holders.push(child);
    const [said] = (await once(child.stdout!, 'data')) as [Buffer];
    return { child, said: said.toString().trim() };
  }

  it('keeps a second one out until the first has let go', async () => {
    const lock = await acquire(0);
    await expect(acquire(150)).rejects.toThrow(`process ${process.pid}`);
    const waiting = acquire(5_000);
    await lock.release();
    await lock.release();
    await (await waiting).release();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is given to one of five processes at once', async () => {
    const said = (await Promise.all([1, 2, 3, 4, 5].map(() => holder()))).map((each) => each.said);
    expect(said.filter((each) => each === 'held')).toHaveLength(1);
    expect(said.filter((each) => each.startsWith('refused'))).toHaveLength(4);
  });

  it('goes to the next one when its holder was killed, and to one only', async () => {
    const { child } = await holder();
    child.kill('SIGKILL');
    await once(child, 'exit');
    const said = (await Promise.all([1, 2, 3, 4, 5].map(() => holder(500)))).map((each) => each.said);
    expect(said.filter((each) => each === 'held')).toHaveLength(1);
  });

  it('stays with a holder that is stopped: age proves nothing', async () => {
    const { child } = await holder();
    child.kill('SIGSTOP');
    await expect(acquire(300)).rejects.toThrow(`process ${child.pid}`);
    child.kill('SIGCONT');
    child.kill('SIGTERM');
    await (await acquire(5_000)).release();
  });

  it('is taken from a process number that now belongs to another process', async () => {
    const stale = { pid: process.pid, host: hostname(), started: 'another boot:1', token: 't' };
    writeFileSync(path, JSON.stringify(stale));
    await (await acquire(1_000)).release();
    expect(existsSync(path)).toBe(false);
  });

  it.each([
    ['another host', JSON.stringify({ pid: 1, host: 'elsewhere', started: '', token: 't' })],
    ['something it cannot read', 'garbage'],
  ])('is left alone where the file names %s', async (_, content) => {
    writeFileSync(path, content);
    await expect(acquire(100)).rejects.toThrow('remove the file');
    expect(readFileSync(path, 'utf8')).toBe(content);
  });
});
