import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** Names that are never sources: what is installed, and what builds write, beside the sources too. */
const IGNORED = /^(?:node_modules|dist|\.cache|.*\.tsbuildinfo)$/;

/**
 * Hashes names and contents of files, and of the files in folders, below `root`. Times do not count: a checkout or a copy
 * that changes nothing builds nothing. A path that does not exist is part of the hash as missing.
 */
export async function fingerprintOf(root, paths) {
  const hash = createHash('sha256').update(process.version);
  for (const path of paths) {
    const files = await filesBelow(join(root, path));
    if (files.length === 0) hash.update(`${path} is missing\n`);
    for (const file of files) {
      const content = await readFile(file);
      hash.update(`${relative(root, file).split(sep).join('/')} ${content.length}\n`).update(content);
    }
  }
  return hash.digest('hex');
}

/** All files below a folder, or the file itself, in a fixed order; none if nothing is there. */
export async function filesBelow(path) {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return [];
  if (!found.isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => !IGNORED.test(name)).toSorted();
  return (await Promise.all(names.map((name) => filesBelow(join(path, name))))).flat();
}
