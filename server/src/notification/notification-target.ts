import { z } from 'zod';
import { timestampOf } from '../clock.js';
import type { NotificationTargetInput, NotificationTargetView } from '@launchlog/shared/notification';

const signingKeySchema = z.object({
  secret: z.string(),
  /** RFC 3339: when the key stops signing. Absent for the present key. */
  retiresAt: z.string().optional(),
});
type SigningKey = z.infer<typeof signingKeySchema>;

/** The target of a notification, in clear text. It is sealed in the database and opened for one attempt. */
export const notificationTargetSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('webhook'), url: z.string(), keys: z.array(signingKeySchema) }),
  z.object({ kind: z.literal('slack'), url: z.string() }),
  z.object({ kind: z.literal('discord'), url: z.string() }),
  z.object({ kind: z.literal('email'), to: z.array(z.string()) }),
]);
export type NotificationTarget = z.infer<typeof notificationTargetSchema>;

/** How long a replaced key signs alongside the new one, so that a receiver can switch. */
export const KEY_OVERLAP_MS = 24 * 60 * 60 * 1_000;

/** Keys that sign at the same time, newest first. */
const KEYS_MAX = 4;

export function targetOf(input: NotificationTargetInput, newSecret: () => string): NotificationTarget {
  if (input.kind !== 'webhook') return input;
  const secrets = input.secrets ?? [newSecret()];
  return { kind: 'webhook', url: input.url, keys: secrets.map((secret) => ({ secret })) };
}

/** Adds a key that signs from now on; the others keep signing for the overlap. */
export function withNewKey(
  target: Extract<NotificationTarget, { kind: 'webhook' }>,
  secret: string,
  nowMs: number,
): NotificationTarget {
  const retiresAt = timestampOf(nowMs + KEY_OVERLAP_MS);
  const former = keysAt(target.keys, nowMs).map((key) => ({ ...key, retiresAt: key.retiresAt ?? retiresAt }));
  return { ...target, keys: [{ secret }, ...former].slice(0, KEYS_MAX) };
}

/** The keys that sign at a moment. */
export function keysAt(keys: readonly SigningKey[], nowMs: number): readonly SigningKey[] {
  return keys.filter((key) => key.retiresAt === undefined || Date.parse(key.retiresAt) > nowMs);
}

/** The target without credentials: the path and query of these URLs are secret. */
export function viewOf(target: NotificationTarget): NotificationTargetView {
  switch (target.kind) {
    case 'webhook':
      return { kind: 'webhook', url: maskUrl(target.url) };
    case 'slack':
      return { kind: 'slack', url: maskUrl(target.url) };
    case 'discord':
      return { kind: 'discord', url: maskUrl(target.url) };
    case 'email':
      return { kind: 'email', to: target.to };
  }
}

/** Scheme, host and port stay. */
function maskUrl(text: string): string {
  return `${new URL(text).origin}/***`;
}

/** Deliveries to the same host share a limit on attempts at once. */
export function hostOf(target: NotificationTarget): string {
  return target.kind === 'email' ? 'smtp' : new URL(target.url).host;
}
