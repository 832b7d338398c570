import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SECRETS_KEY_BYTES } from './secret-box.js';

export interface SecretsKeySource {
  /** As configured: 32 bytes in hexadecimal digits or base64. Servers that share a database share the key. */
  readonly configured: string | undefined;
  /** Where a key is kept that was made here, readable by this user alone. */
  readonly path: string;
}

/** The key under which the secrets of running launches are stored: the configured one, else one made at the first start. */
export async function secretsKey(source: SecretsKeySource): Promise<Buffer> {
  if (source.configured !== undefined) return parsedKey(source.configured, 'SECRETS_KEY');
  const stored = await storedKey(source.path);
  if (stored !== undefined) return stored;
  await makeKey(source.path);
  return parsedKey(await readFile(source.path, 'utf8'), source.path);
}

async function storedKey(path: string): Promise<Buffer | undefined> {
  try {
    const text = await readFile(path, 'utf8');
    await chmod(path, 0o600);
    return parsedKey(text, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The file appears whole, and the first of two processes wins. */
async function makeKey(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  await writeFile(draft, `${randomBytes(SECRETS_KEY_BYTES).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

function parsedKey(text: string, where: string): Buffer {
  const trimmed = text.trim();
  const hexadecimal = /^[0-9a-f]+$/i.test(trimmed) && trimmed.length === SECRETS_KEY_BYTES * 2;
  const key = Buffer.from(trimmed, hexadecimal ? 'hex' : 'base64');
  if (key.length === SECRETS_KEY_BYTES) return key;
  throw new Error(`${where} must be ${SECRETS_KEY_BYTES} bytes in hexadecimal digits or base64`);
}
