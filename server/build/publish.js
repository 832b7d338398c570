import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { filesBelow } from './fingerprint.js';

/**
 * Moves a new build of a site into the folder that a running server may be serving. Each file appears whole, `index.html`
 * last. Files of the last build (`keep`, absolute) stay, for the pages that are open; older ones are removed.
 */
export async function publish({ from, to, keep }) {
  const names = (await filesBelow(from)).map((file) => relative(from, file));
  const last = names.filter((name) => name !== 'index.html');
  for (const name of names.includes('index.html') ? [...last, 'index.html'] : last) {
    const target = join(to, name);
    await mkdir(dirname(target), { recursive: true });
    const draft = `${target}.${process.pid}`;
    await copyFile(join(from, name), draft);
    await rename(draft, target);
  }
  const wanted = new Set([...names.map((name) => join(to, name)), ...keep]);
  for (const file of await filesBelow(to)) if (!wanted.has(file)) await rm(file, { force: true });
}
