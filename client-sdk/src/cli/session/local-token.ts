import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { localListener } from './local-listener.js';

/** A token that the server of this machine keeps for its owner. */
interface LocalToken {
  readonly token: string;
  /** Where it was found. */
  readonly path: string;
}

const FILE_NAME = 'admin-token';
const OTHER_USERS = 0o077;
const TOKEN_MAX_BYTES = 4_096;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

interface Place {
  readonly environment: NodeJS.ProcessEnv;
  /** The folder that the command runs in. */
  readonly folder: string;
}

/**
 * Looks for the token that a server on this machine made at its first start: in `DATA_DIR`, in `data` of this folder and
 * of those above it, and in the folder of the process that listens at the address. A file counts only if it is this
 * user's and nobody else can read it, and the address only if it is a loopback address at which nobody else listens:
 * the process that listens there is sent the token. See decision 178.
 */
export async function localTokens(url: string, place: Place): Promise<readonly LocalToken[]> {
  const userId = process.getuid?.();
  if (userId === undefined || !isLoopback(url)) return [];
  const { port } = new URL(url);
  const listener = await localListener(Number(port === '' ? 80 : port));
  if (listener !== undefined && listener.userId !== userId) return [];
  const found: LocalToken[] = [];
  for (const folder of foldersOf(place, listener?.dataFolder)) {
    const path = join(folder, FILE_NAME);
    const token = await ownToken(path, userId);
    if (token !== undefined && !found.some((each) => each.token === token)) found.push({ token, path });
  }
  return found;
}

function isLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && LOOPBACK.test(hostname);
}

/** The most certain first. */
function foldersOf({ environment, folder }: Place, listening: string | undefined): readonly string[] {
  const named = environment['DATA_DIR'];
  const folders = [listening, named && resolve(folder, named)];
  for (let above = resolve(folder); ; above = dirname(above)) {
    folders.push(join(above, 'data'));
    if (above === dirname(above)) break;
  }
  return [...new Set(folders.filter((each) => each !== undefined && each !== ''))] as string[];
}

/** Undefined unless it is a file of this user that nobody else can open. What is checked is what is read. */
async function ownToken(path: string, userId: number): Promise<string | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const facts = await file.stat();
    const isOwn = facts.isFile() && facts.uid === userId && (facts.mode & OTHER_USERS) === 0;
    if (!isOwn || facts.size > TOKEN_MAX_BYTES) return undefined;
    const token = (await file.readFile('utf8')).trim();
    return /^[\x21-\x7e]+$/.test(token) ? token : undefined;
  } finally {
    await file.close();
  }
}
