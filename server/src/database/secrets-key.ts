import { randomBytes } from 'node:crypto';
import { ownerOnlyText } from '../owner-only-file.js';
import { SECRETS_KEY_BYTES } from './secret-box.js';

interface SecretsKeySource {
  /** 32 bytes in hexadecimal digits or base64. Servers that share a database must share the key. */
  readonly configured: string | undefined;
  /** The file for a key that this server creates; only its owner may read it. */
  readonly path: string;
}

/**
 * The key that encrypts the secrets of running launches: the configured one, or else one created at the first start.
 */
export async function secretsKey({ configured, path }: SecretsKeySource): Promise<Buffer> {
  if (configured !== undefined) return parsedKey(configured, 'SECRETS_KEY');
  return parsedKey(await ownerOnlyText(path, newKey), path);
}

function newKey(): string {
  return randomBytes(SECRETS_KEY_BYTES).toString('hex');
}

function parsedKey(text: string, where: string): Buffer {
  const trimmed = text.trim();
  const hexadecimal = /^[0-9a-f]+$/i.test(trimmed) && trimmed.length === SECRETS_KEY_BYTES * 2;
  const key = Buffer.from(trimmed, hexadecimal ? 'hex' : 'base64');
  if (key.length === SECRETS_KEY_BYTES) return key;
  throw new Error(`${where} must be ${SECRETS_KEY_BYTES} bytes in hexadecimal digits or base64`);
}
