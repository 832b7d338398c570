import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** Names that are never sources: what is installed, and what builds write, beside the sources too. */
const IGNORED = /^(?:node_modules|dist|\.cache|.*\.tsbuildinfo)$/;

/**
 * Hashes names and contents of files, and of the files in folders, below `root`. Times do not count: a checkout or a copy
 * that changes nothing builds nothing. A path that does not exist is part of the hash as missing. `known` has the hashes of
 * paths that were read at this time, and gets those that are read now.
 */
export async function fingerprintOf(root, paths, known = new Map()) {
  const hash = createHash('sha256').update(process.version);
  for (const path of paths) {
    if (!known.has(path)) known.set(path, hashOf(root, path));
    hash.update(await known.get(path));
  }
  return hash.digest('hex');
}

async function hashOf(root, path) {
  const hash = createHash('sha256');
  const files = await filesBelow(join(root, path));
  if (files.length === 0) hash.update(`${path} is missing\n`);
  for (const file of files) {
    const content = await readFile(file);
    hash.update(`${relative(root, file).split(sep).join('/')} ${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}

/** All files below a folder, or the file itself, in a fixed order; none if nothing is there. */
export async function filesBelow(path) {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return [];
  return found.isDirectory() ? filesIn(path) : [path];
}

async function filesIn(folder) {
  const entries = await readdir(folder, { withFileTypes: true });
  const wanted = entries
    .filter(({ name }) => !IGNORED.test(name))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const below = wanted.map((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesIn(path);
    // A link may lead to a folder, or nowhere.
    return entry.isFile() ? [path] : filesBelow(path);
  });
  return (await Promise.all(below)).flat();
}
