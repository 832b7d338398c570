import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';

/*
 * Makes a new, empty database and writes it to an archive, which the server unpacks at its first start: making one takes
 * 750 MB of memory, and unpacking one next to nothing. See decision 179.
 */

const target = fileURLToPath(new URL('../prepared/database.tar.gz', import.meta.url));
const database = await PGlite.create();
const archive = await database.dumpDataDir('gzip');
await database.close();
await mkdir(dirname(target), { recursive: true });
const draft = `${target}.${process.pid}`;
await writeFile(draft, Buffer.from(await archive.arrayBuffer()));
await rename(draft, target);
