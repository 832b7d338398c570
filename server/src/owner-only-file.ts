import { randomBytes } from 'node:crypto';
import { chmod, link, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from './make-folder.js';

const FILE_MODE = 0o600;

/**
 * The text of a file that only its owner may read. At the first start the file is created with what `make` returns.
 * It appears whole or not at all: the text is written to a draft, which is linked to the path. Linking fails where the
 * file exists, so processes that start together all read the text of the first one. Surrounding white space is removed.
 */
export async function ownerOnlyText(path: string, make: () => string): Promise<string> {
  const text = (await readOwn(path)) ?? (await create(path, make()));
  return text.trim();
}

/** Undefined if there is no such file. Removes the rights of all other users. */
async function readOwn(path: string): Promise<string | undefined> {
  try {
    const text = await readFile(path, 'utf8');
    await chmod(path, FILE_MODE);
    return text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function create(path: string, text: string): Promise<string> {
  await makeFolder(dirname(path));
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  await writeFile(draft, `${text}\n`, { mode: FILE_MODE, flag: 'wx' });
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(path, 'utf8');
}
