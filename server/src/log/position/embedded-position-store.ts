import { open, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../clock.js';
import { makeFolder } from '../../make-folder.js';
import { requirePositionName, type PositionStore } from './position-store.js';

interface EmbeddedPositionStoreOptions {
  /** Belongs to this store alone; created when the first record is. */
  readonly directory: string;
  readonly clock: Clock;
  /** Time from the last change of a record, or from its last reading, until it is forgotten. */
  readonly ttlMs: number;
}

/** Each record is one file. An append survives a crash of this process, though not always one of the machine. */
export class EmbeddedPositionStore implements PositionStore {
  readonly #options: EmbeddedPositionStoreOptions;
  #made: Promise<void> | undefined;

  constructor(options: EmbeddedPositionStoreOptions) {
    this.#options = options;
  }

  async create(name: string, bytes: Uint8Array): Promise<void> {
    const path = this.#path(name);
    this.#made ??= makeFolder(this.#options.directory);
    await this.#made.catch((error: unknown) => {
      this.#made = undefined;
      throw error;
    });
    await writeFile(path, bytes, { mode: 0o600, flag: 'wx' });
  }

  async append(name: string, length: number, bytes: Uint8Array): Promise<void> {
    const file = await open(this.#path(name), 'r+');
    try {
      await file.write(bytes, 0, bytes.length, length);
    } finally {
      await file.close();
    }
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    const path = this.#path(name);
    const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    const now = new Date(this.#options.clock.now());
    if (bytes !== undefined) await utimes(path, now, now).catch(() => undefined);
    return bytes;
  }

  async remove(name: string): Promise<void> {
    await rm(this.#path(name), { force: true });
  }

  /** Removes the records whose time is over. */
  async sweep(): Promise<void> {
    const { directory, clock, ttlMs } = this.#options;
    for (const name of await readdir(directory).catch(() => [])) {
      const path = join(directory, name);
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
      if (mtimeMs < clock.now() - ttlMs) await rm(path, { force: true });
    }
  }

  #path(name: string): string {
    return join(this.#options.directory, requirePositionName(name));
  }
}
