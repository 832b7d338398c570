import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';

export interface SealedSecrets {
  /** Identifies the key that seals them, but reveals nothing about it. */
  readonly keyId: string;
  /** Initialization vector, authentication tag and ciphertext, in this order. */
  readonly bytes: Uint8Array;
}

const ALGORITHM = 'aes-256-gcm';
export const SECRETS_KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts the secrets of a launch for as long as they must be stored. They are bound to one node and open for no
 * other.
 */
export class SecretBox {
  readonly keyId: string;
  readonly #key: Buffer;

  constructor(key: Uint8Array) {
    if (key.length !== SECRETS_KEY_BYTES) throw new Error(`the key must have ${SECRETS_KEY_BYTES} bytes`);
    this.#key = Buffer.from(key);
    this.keyId = createHash('sha256').update('launchlog key id').update(key).digest('hex').slice(0, 16);
  }

  seal(nodeId: string, secrets: Readonly<Record<string, string>>): SealedSecrets {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key, iv).setAAD(Buffer.from(nodeId));
    const sealed = Buffer.concat([cipher.update(JSON.stringify(secrets), 'utf8'), cipher.final()]);
    return { keyId: this.keyId, bytes: Buffer.concat([iv, cipher.getAuthTag(), sealed]) };
  }

  /** Throws if they were sealed with another key or for another node, or were changed. */
  open(nodeId: string, sealed: SealedSecrets): Record<string, string> {
    if (sealed.keyId !== this.keyId) throw new Error('the secrets were sealed with another key');
    const bytes = Buffer.from(sealed.bytes);
    const decipher = createDecipheriv(ALGORITHM, this.#key, bytes.subarray(0, IV_BYTES))
      .setAAD(Buffer.from(nodeId))
      .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    const opened = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
    return JSON.parse(opened.toString('utf8')) as Record<string, string>;
  }

  /** A fingerprint that is equal for equal secrets. Without the key, secrets cannot be guessed from it. */
  fingerprint(secrets: Readonly<Record<string, string>>): string {
    const sorted = Object.entries(secrets).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return createHmac('sha256', this.#key).update(JSON.stringify(sorted)).digest('hex');
  }
}
