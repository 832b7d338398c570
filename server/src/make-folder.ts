import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The mode of a folder that only its owner may enter. */
const FOLDER_MODE = 0o700;

/**
 * Creates a folder and its parents, if they are missing. Node's own recursive `mkdir` never ends in folders such as `/proc`,
 * which exist and refuse every new entry as if they did not.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: FOLDER_MODE });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // It exists. If it is not a folder, its first use fails.
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await makeLast(path);
  }
}

/** Its parent exists now, so that ENOENT is final. */
async function makeLast(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: FOLDER_MODE });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
