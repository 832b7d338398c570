import { createHmac } from 'node:crypto';

const SECRET_PREFIX = 'whsec_';
const SECRET_BYTES = 32;

export interface SignedContent {
  readonly id: string;
  /** Seconds since 1970, at the attempt. */
  readonly timestampSeconds: number;
  readonly body: string;
}

/** The header `webhook-signature` of Standard Webhooks: one `v1,<base64>` for each key, the newest first. */
export function signWebhook(content: SignedContent, secrets: readonly string[]): string {
  const signed = `${content.id}.${content.timestampSeconds}.${content.body}`;
  return secrets
    .map((secret) => `v1,${createHmac('sha256', keyOf(secret)).update(signed).digest('base64')}`)
    .join(' ');
}

/** A new key from random bytes, 32 of them. */
export function makeWebhookSecret(randomBytes: (count: number) => Uint8Array): string {
  return SECRET_PREFIX + Buffer.from(randomBytes(SECRET_BYTES)).toString('base64');
}

function keyOf(secret: string): Buffer {
  return Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
}
