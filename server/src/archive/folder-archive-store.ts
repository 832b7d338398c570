import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../make-folder.js';
import { ArchiveTooLargeError, type ArchiveStore } from './archive-store.js';

/** Stores archives in a folder of this machine, or one that several machines mount. */
export class FolderArchiveStore implements ArchiveStore {
  readonly location: string;

  constructor(folder: string) {
    this.location = folder;
  }

  async put(name: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const path = join(this.location, name);
    const draft = `${path}.${randomUUID()}.tmp`;
    signal.throwIfAborted();
    await makeFolder(dirname(path));
    try {
      await writeDurably(draft, bytes);
      await rename(draft, path);
      await syncFolder(dirname(path));
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }

  async get(name: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const path = join(this.location, name);
    try {
      if ((await stat(path)).size > maxBytes) throw new ArchiveTooLargeError(name, maxBytes);
      return await readFile(path, { signal });
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async remove(name: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await rm(join(this.location, name), { force: true });
  }

  close(): void {
    // Nothing is kept open between calls.
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the new name durable: after a power cut it could be gone although the file is on disk. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
