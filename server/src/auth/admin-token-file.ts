import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface AdminToken {
  readonly token: string;
  /** Undefined where the token was given by configuration. */
  readonly file: string | undefined;
  /** Short enough to be guessed: worth a warning at the start. */
  readonly weak: boolean;
}

const FILE_NAME = 'admin-token';
const TOKEN_BYTES = 32;
const STRONG_MIN_CHARACTERS = 20;
const OWNER_ONLY = 0o600;

/** The configured token, or else the one kept in the data directory, which is made at the first start. */
export async function provideAdminToken(
  configured: string | undefined,
  dataDir: string,
): Promise<AdminToken> {
  if (configured !== undefined) {
    requireUsable(configured, 'ADMIN_TOKEN');
    return { token: configured, file: undefined, weak: configured.length < STRONG_MIN_CHARACTERS };
  }
  const file = join(dataDir, FILE_NAME);
  await mkdir(dataDir, { recursive: true });
  const kept = await readKept(file);
  const token = kept ?? (await create(file));
  requireUsable(token, file);
  return { token, file, weak: token.length < STRONG_MIN_CHARACTERS };
}

async function readKept(file: string): Promise<string | undefined> {
  try {
    const token = (await readFile(file, 'utf8')).trim();
    await chmod(file, OWNER_ONLY);
    return token;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Appears whole or not at all, and where two processes start at once both take the first one's. */
async function create(file: string): Promise<string> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, `${randomBytes(TOKEN_BYTES).toString('base64url')}\n`, {
    mode: OWNER_ONLY,
    flag: 'wx',
  });
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
  return (await readFile(file, 'utf8')).trim();
}

/** What cannot be sent in a header could never be proven. */
function requireUsable(token: string, origin: string): void {
  if (/^[\x21-\x7e]+$/.test(token)) return;
  throw new Error(`${origin}: the admin token must be printable ASCII characters without spaces`);
}
