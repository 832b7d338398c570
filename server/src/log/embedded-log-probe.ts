import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileRefusal } from './file-refusal.js';
import { LogStoreUnavailableError } from './log-store.js';

const FILE = '.probe';
/** More than a file system keeps beside the name of a file. */
const CONTENT = Buffer.alloc(4_096);

/** Writes a file into the directory of the logs and removes it. Rejects with the reason if that fails. */
export async function probeDirectory(directory: string): Promise<void> {
  await writeFile(join(directory, FILE), CONTENT).catch((error: unknown) => {
    throw new LogStoreUnavailableError('the directory of the logs takes no file', {
      cause: error,
      refusal: fileRefusal(error),
    });
  });
}
