import { z } from 'zod';
import { opaqueCursor } from './cursor.js';
import {
  filledList,
  flag,
  labelSchema,
  oneOf,
  text,
  tooLong,
  storedIdSchema,
  uuidSchema,
  wholeNumber,
} from './field-rule.js';
import { providerSchema } from './launch-request.js';

/**
 * The events of a rule. A cancelled launch is `launch.cancelled`, not also `launch.failed`. `launch.*` happens to a launch
 * once; `node.*` happens to a node after its launch, some of them more than once.
 */
export const NOTIFICATION_EVENTS = [
  'launch.active',
  'launch.failed',
  'launch.stalled',
  'launch.cancelled',
  'node.degraded',
  'node.recovered',
  'node.idle',
  'node.lost',
  'node.relaunched',
  'node.terminated',
  'budget.warning',
  'budget.exceeded',
  'stray.found',
] as const;
export const notificationEventSchema = oneOf(NOTIFICATION_EVENTS);
export type NotificationEvent = z.infer<typeof notificationEventSchema>;

const URL_MAX_CHARACTERS = 2_000;
const RECIPIENTS_MAX = 20;
const SECRETS_MAX = 4;
const SECRET_MIN_BYTES = 24;
const SECRET_MAX_BYTES = 64;
const NAME_MAX_CHARACTERS = 100;

/** Checks only the form; the server decides whether it may call this URL. */
const targetUrlSchema = text(URL_MAX_CHARACTERS).refine(isTargetUrl, {
  error: 'must be an https URL without a user name, a password or a fragment',
});

function isTargetUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const plain = url.username === '' && url.password === '' && url.hash === '';
  return plain && (url.protocol === 'https:' || url.protocol === 'http:');
}

/** A signing key of Standard Webhooks: `whsec_` and 24 to 64 bytes in base64. */
export const webhookSecretSchema = z.string({ error: 'must be a string' }).refine(isWebhookSecret, {
  error: `must be 'whsec_' and ${SECRET_MIN_BYTES} to ${SECRET_MAX_BYTES} bytes in base64`,
});

function isWebhookSecret(text: string): boolean {
  const [, base64] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  if (base64 === undefined || base64.length % 4 !== 0) return false;
  const padding = base64.length - base64.replace(/=+$/, '').length;
  const bytes = (base64.length / 4) * 3 - padding;
  return bytes >= SECRET_MIN_BYTES && bytes <= SECRET_MAX_BYTES;
}

/** Where a notification goes, as the caller sends it. It contains secrets and is never returned. */
export const NOTIFICATION_TARGETS = [
  'webhook',
  'slack',
  'discord',
  'email',
] as const satisfies readonly NotificationTargetKind[];
const notificationTargetSchema = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.literal('webhook'),
      url: targetUrlSchema,
      /** All of them sign, so that a receiver can switch. Without any, one is generated. */
      secrets: filledList(webhookSecretSchema).max(SECRETS_MAX, tooLong(SECRETS_MAX)).optional(),
    }),
    z.strictObject({ kind: z.literal('slack'), url: targetUrlSchema }),
    z.strictObject({ kind: z.literal('discord'), url: targetUrlSchema }),
    z.strictObject({
      kind: z.literal('email'),
      to: filledList(
        z.email({ error: 'must be an e-mail address' }).max(254, { error: 'must be an e-mail address' }),
      ).max(RECIPIENTS_MAX, tooLong(RECIPIENTS_MAX)),
    }),
  ],
  { error: "must be an object whose 'kind' is webhook, slack, discord or email" },
);
export type NotificationTargetInput = z.output<typeof notificationTargetSchema>;
export type NotificationTargetKind = NotificationTargetInput['kind'];

/** The target as it is returned: whatever follows the host of a URL is a credential and masked. */
export const notificationTargetViewSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('webhook'), url: z.string() }),
  z.object({ kind: z.literal('slack'), url: z.string() }),
  z.object({ kind: z.literal('discord'), url: z.string() }),
  z.object({ kind: z.literal('email'), to: z.array(z.string()) }),
]);
export type NotificationTargetView = z.infer<typeof notificationTargetViewSchema>;

const nameSchema = z
  .string({ error: 'must be a string' })
  .trim()
  .min(1, { error: 'must not be empty' })
  .max(NAME_MAX_CHARACTERS, { error: `must have at most ${NAME_MAX_CHARACTERS} characters` })
  .regex(/^[^\x00-\x1f\x7f-\x9f]*$/, { error: 'must not hold control characters' });

const eventsSchema = filledList(notificationEventSchema).transform((events) =>
  NOTIFICATION_EVENTS.filter((event) => events.includes(event)),
);

/** An absent filter matches every event. */
export const notificationRuleInputSchema = z.strictObject({
  name: nameSchema,
  target: notificationTargetSchema,
  events: eventsSchema,
  provider: providerSchema.optional(),
  deploymentId: labelSchema.optional(),
  enabled: flag().default(true),
});
export type NotificationRuleInput = z.output<typeof notificationRuleInputSchema>;
/** As sent: fields with a default may be absent. */
export type NotificationRuleDraft = z.input<typeof notificationRuleInputSchema>;

/** Absent fields stay; `null` removes a filter. A target is replaced entirely. */
export const notificationRulePatchSchema = z.strictObject({
  name: nameSchema.optional(),
  target: notificationTargetSchema.optional(),
  events: eventsSchema.optional(),
  provider: providerSchema.nullable().optional(),
  deploymentId: labelSchema.nullable().optional(),
  enabled: flag().optional(),
});
export type NotificationRulePatch = z.output<typeof notificationRulePatchSchema>;
/** As sent. */
export type NotificationRuleChange = z.input<typeof notificationRulePatchSchema>;

export const notificationRuleSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  target: notificationTargetViewSchema,
  events: z.array(notificationEventSchema),
  provider: providerSchema.optional(),
  deploymentId: z.string().optional(),
  enabled: z.boolean(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type NotificationRule = z.infer<typeof notificationRuleSchema>;

/** A rule, and the key that was generated for it, which only this answer contains. */
export interface RuleWithSecret {
  readonly rule: NotificationRule;
  readonly secret?: string | undefined;
}

/** `failed` will be attempted again; `dead` only if somebody resends it. */
export const DELIVERY_STATUSES = ['pending', 'failed', 'delivered', 'dead'] as const;
const deliveryStatusSchema = oneOf(DELIVERY_STATUSES);
export type DeliveryStatus = z.infer<typeof deliveryStatusSchema>;

/** One notification of one event by one rule. Its id is the webhook's `webhook-id`. */
export const notificationDeliverySchema = z.object({
  id: z.string(),
  ruleId: z.uuid(),
  /** Absent for an event that is about no node. */
  nodeId: z.uuid().optional(),
  event: notificationEventSchema,
  status: deliveryStatusSchema,
  /** Number of attempts so far. */
  attempt: z.int(),
  nextAttemptAt: z.iso.datetime().optional(),
  /** HTTP or SMTP status of the last answer. */
  responseStatus: z.int().optional(),
  /** Why the last attempt failed, for people. */
  error: z.string().optional(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  deliveredAt: z.iso.datetime().optional(),
});
export type NotificationDelivery = z.infer<typeof notificationDeliverySchema>;

const DELIVERY_LIST_MAX = 500;

/** Newest first. */
export const deliveryQuerySchema = z.strictObject({
  ruleId: uuidSchema.optional(),
  nodeId: storedIdSchema.optional(),
  status: filledList(deliveryStatusSchema).optional(),
  limit: wholeNumber(1, DELIVERY_LIST_MAX).default(100),
  /** `nextCursor` of the previous page; opaque. */
  cursor: opaqueCursor(200).optional(),
});
export type DeliveryQueryInput = z.input<typeof deliveryQuerySchema>;
export type DeliveryQuery = z.output<typeof deliveryQuerySchema>;

const deliveryPageSchema = z.object({
  deliveries: z.array(notificationDeliverySchema),
  nextCursor: z.string().optional(),
});
export type DeliveryPage = z.infer<typeof deliveryPageSchema>;

/** The outcome of a test message. */
export const notificationTestSchema = z.object({
  delivered: z.boolean(),
  responseStatus: z.int().optional(),
  message: z.string(),
});
export type NotificationTest = z.infer<typeof notificationTestSchema>;
