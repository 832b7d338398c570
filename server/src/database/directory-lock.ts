import { link, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { z } from 'zod';
import { makeFolder } from '../make-folder.js';
import type { Clock } from '../clock.js';

interface DirectoryLockRequest {
  readonly path: string;
  /** How long to wait for the present holder to release the directory. */
  readonly waitMs: number;
  readonly clock: Clock;
}

const POLL_MS = 100;

const holderSchema = z.object({
  pid: z.int().positive(),
  host: z.string(),
  /**
   * When the process started, in the kernel's units. It distinguishes processes that got the same id one after the other.
   */
  started: z.string(),
  token: z.string(),
});
type Holder = z.infer<typeof holderSchema>;

/**
 * Keeps other processes out of a directory, by a file that names the holder. The lock is stale only when that process is
 * gone, never because of its age: a suspended or busy holder keeps it. Whether a process on another host is gone cannot be
 * known, so its lock stays. See decision 31.
 */
export class DirectoryLock {
  readonly #path: string;
  readonly #token: string;
  #released: Promise<void> | undefined;

  /** Rejects with an error that names the holder when the lock does not become free in time. */
  static async acquire(request: DirectoryLockRequest): Promise<DirectoryLock> {
    const deadline = request.clock.monotonic() + request.waitMs;
    const mine = {
      pid: process.pid,
      host: hostname(),
      started: await processStart(process.pid),
      token: randomUUID(),
    };
    await makeFolder(dirname(request.path));
    for (;;) {
      if (await claim(request.path, mine)) return new DirectoryLock(request.path, mine.token);
      if (await removeStale(request.path, mine)) continue;
      if (request.clock.monotonic() >= deadline) throw await heldError(request);
      await request.clock.sleep(POLL_MS);
    }
  }

  private constructor(path: string, token: string) {
    this.#path = path;
    this.#token = token;
  }

  /** Idempotent. */
  release(): Promise<void> {
    this.#released ??= this.#remove();
    return this.#released;
  }

  async #remove(): Promise<void> {
    const holder = await readHolder(this.#path);
    if (holder?.token === this.#token) await rm(this.#path, { force: true });
  }
}

/** Links a complete draft to the path, so that no process ever sees an empty file. */
async function claim(path: string, mine: Holder): Promise<boolean> {
  const draft = `${path}.${mine.token}`;
  await writeFile(draft, JSON.stringify(mine), { mode: 0o600, flag: 'w' });
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Takes a lock of its own and checks again before it removes the file, so that it cannot remove the file of a new holder. */
async function removeStale(path: string, mine: Holder): Promise<boolean> {
  if (!(await isStale(await readHolder(path)))) return false;
  const guard = `${path}.removing`;
  if (!(await claim(guard, mine))) {
    if (await isStale(await readHolder(guard))) await rm(guard, { force: true });
    return false;
  }
  try {
    if (!(await isStale(await readHolder(path)))) return false;
    await unlink(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return true;
    throw error;
  } finally {
    await rm(guard, { force: true });
  }
}

async function isStale(holder: Holder | undefined): Promise<boolean> {
  if (holder === undefined || holder.host !== hostname()) return false;
  if (!isAlive(holder.pid)) return true;
  const started = await processStart(holder.pid);
  return started !== '' && holder.started !== '' && started !== holder.started;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

const START_TIME_FIELD_AFTER_NAME = 19;

/**
 * The boot time of the system and the start time of the process where the system shows them (Linux), otherwise empty.
 */
async function processStart(pid: number): Promise<string> {
  try {
    const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // The process is dead and only waits for its parent to notice.
    if (fields[0] === 'Z') return `${boot}:ended`;
    return `${boot}:${fields[START_TIME_FIELD_AFTER_NAME] ?? ''}`;
  } catch {
    return '';
  }
}

/** Undefined if there is no file, or an unreadable one, which is then left alone. */
async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

async function heldError(request: DirectoryLockRequest): Promise<Error> {
  const holder = await readHolder(request.path);
  const by = holder === undefined ? 'a process it does not name' : `process ${holder.pid} on ${holder.host}`;
  return new Error(
    `the data directory is in use: ${request.path} is held by ${by}, and was for ${request.waitMs} ms. ` +
      'If that process is gone for certain, remove the file.',
  );
}

function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
