import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileRefusal } from './file-refusal.js';
import { LogStoreUnavailableError } from './log-store.js';

const FILE = '.probe';
/** Larger than a file that a file system stores with its name. */
const CONTENT = Buffer.alloc(4_096);

/** Writes a small file into the directory of the logs. Rejects with the reason if the directory takes no file. */
export async function probeDirectory(directory: string): Promise<void> {
  await writeFile(join(directory, FILE), CONTENT).catch((error: unknown) => {
    throw new LogStoreUnavailableError('the directory of the logs takes no file', {
      cause: error,
      refusal: fileRefusal(error),
    });
  });
}
