import { Webhook } from 'standardwebhooks';

const SECRET_PREFIX = 'whsec_';
const SECRET_BYTES = 32;

interface SignedContent {
  readonly id: string;
  /** Seconds since 1970, at the attempt. */
  readonly timestampSeconds: number;
  readonly body: string;
}

/** The header `webhook-signature` of Standard Webhooks: one `v1,<base64>` for each key, the newest first. */
export function signWebhook(
  { id, timestampSeconds, body }: SignedContent,
  secrets: readonly string[],
): string {
  const attemptedAt = new Date(timestampSeconds * 1_000);
  return secrets.map((secret) => new Webhook(secret).sign(id, attemptedAt, body)).join(' ');
}

/** A new key: 32 random bytes. */
export function makeWebhookSecret(randomBytes: (count: number) => Uint8Array): string {
  return SECRET_PREFIX + Buffer.from(randomBytes(SECRET_BYTES)).toString('base64');
}
