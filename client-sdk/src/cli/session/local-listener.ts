import { readdir, readFile, readlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** What listens on a port of this machine. */
interface Listener {
  /** The user who started it. */
  readonly userId: number;
  /** Where its process keeps its data; undefined where it is another user's, or has ended. */
  readonly dataFolder: string | undefined;
}

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
/** The state of a socket that listens. */
const LISTENING = '0A';

/** Undefined where nothing listens, and on systems without `/proc`. */
export async function localListener(port: number): Promise<Listener | undefined> {
  for (const table of TABLES) {
    const rows = (await readFile(table, 'utf8').catch(() => '')).split('\n').slice(1);
    for (const row of rows) {
      const [, local = '', , state, , , , userId = '', , inode = ''] = row.trim().split(/\s+/);
      const isOurs = state === LISTENING && Number.parseInt(local.split(':')[1] ?? '', 16) === port;
      if (isOurs) return { userId: Number(userId), dataFolder: await dataFolderOf(inode) };
    }
  }
  return undefined;
}

/** `DATA_DIR` of the process that has the socket, as the server reads it. */
async function dataFolderOf(inode: string): Promise<string | undefined> {
  const processes = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const id of processes) {
    if (!(await holds(id, `socket:[${inode}]`))) continue;
    const folder = await readlink(`/proc/${id}/cwd`).catch(() => undefined);
    const environment = await readFile(`/proc/${id}/environ`, 'utf8').catch(() => '');
    const named = environment.split('\0').find((pair) => pair.startsWith('DATA_DIR='));
    return folder && resolve(folder, named?.slice('DATA_DIR='.length) || 'data');
  }
  return undefined;
}

async function holds(processId: string, socket: string): Promise<boolean> {
  const folder = `/proc/${processId}/fd`;
  const open = await readdir(folder).catch(() => []);
  const targets = await Promise.all(open.map((name) => readlink(join(folder, name)).catch(() => '')));
  return targets.includes(socket);
}
