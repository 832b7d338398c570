import { z } from 'zod';
import { OPAQUE_CURSOR_FAULT } from './cursor.js';
import { filledList, oneOf, text, timestampSchema, wholeNumber } from './field-rule.js';

export const AUDIT_ACTIONS = [
  'node.launch',
  'node.cancel',
  'node.terminate',
  'node.retry',
  'log.export',
  'notification_rule.create',
  'notification_rule.update',
  'notification_rule.remove',
  'notification_rule.rotate_secret',
  'notification_rule.test',
  'notification_delivery.resend',
  'token.create',
  'token.revoke',
  'session.sign_in',
  'session.sign_out',
  'token.refused',
  'scope.refused',
] as const;
const actionSchema = oneOf(AUDIT_ACTIONS);
export type AuditAction = z.infer<typeof actionSchema>;

/** `refused`: the caller was told no. `failed`: we could not. */
export const AUDIT_OUTCOMES = ['ok', 'refused', 'failed'] as const;
const outcomeSchema = oneOf(AUDIT_OUTCOMES);
export type AuditOutcome = z.infer<typeof outcomeSchema>;

/** One thing somebody did or tried. It never holds a secret. */
export const auditEntrySchema = z.object({
  /** Grows with time. */
  id: z.int(),
  at: z.iso.datetime(),
  action: actionSchema,
  outcome: outcomeSchema,
  /** Whose credential it was; absent where it was nobody's. */
  actor: z.string().optional(),
  /** Of the named token. */
  tokenId: z.uuid().optional(),
  /** Where the request came from. */
  address: z.string(),
  /** Id of the node, rule, delivery or token; of `scope.refused` the route or procedure. */
  target: z.string().optional(),
  /** The code of the error that was answered. */
  code: z.string().optional(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

const PAGE_MAX = 1_000;
const nameSchema = text(200);

/** The newest first. */
export const auditQuerySchema = z.strictObject({
  actor: nameSchema.optional(),
  action: filledList(actionSchema).optional(),
  outcome: filledList(outcomeSchema).optional(),
  target: nameSchema.optional(),
  /** Inclusive. */
  since: timestampSchema.optional(),
  /** Inclusive. */
  until: timestampSchema.optional(),
  limit: wholeNumber(1, PAGE_MAX).default(100),
  /** Where the previous page ended. */
  cursor: z
    .string({ error: OPAQUE_CURSOR_FAULT })
    .regex(/^[1-9][0-9]{0,14}$/, { error: OPAQUE_CURSOR_FAULT })
    .optional(),
});
export type AuditQuery = z.output<typeof auditQuerySchema>;
export type AuditQueryInput = z.input<typeof auditQuerySchema>;

export interface AuditPage {
  readonly entries: AuditEntry[];
  readonly nextCursor?: string | undefined;
}
