import { z } from 'zod';
import { timestampSchema } from './timestamp.js';

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
const actionSchema = z.enum(AUDIT_ACTIONS, { error: `must be one of ${AUDIT_ACTIONS.join(', ')}` });
export type AuditAction = z.infer<typeof actionSchema>;

/** `refused`: the caller was told no. `failed`: we could not. */
export const AUDIT_OUTCOMES = ['ok', 'refused', 'failed'] as const;
const outcomeSchema = z.enum(AUDIT_OUTCOMES, { error: `must be one of ${AUDIT_OUTCOMES.join(', ')}` });
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
const countError = `must be a whole number from 1 to ${PAGE_MAX}`;
const text = z.string().max(200, { error: 'must have at most 200 characters' });

/** The newest first. */
export const auditQuerySchema = z.strictObject({
  actor: text.optional(),
  action: z.array(actionSchema).min(1).optional(),
  outcome: z.array(outcomeSchema).min(1).optional(),
  target: text.optional(),
  /** Inclusive. */
  since: timestampSchema('since').optional(),
  /** Inclusive. */
  until: timestampSchema('until').optional(),
  limit: z
    .int({ error: countError })
    .min(1, { error: countError })
    .max(PAGE_MAX, { error: countError })
    .default(100),
  /** Where the previous page ended. */
  cursor: z
    .string()
    .regex(/^[1-9][0-9]{0,14}$/, { error: 'must be a cursor that this list has given' })
    .optional(),
});
export type AuditQuery = z.output<typeof auditQuerySchema>;
export type AuditQueryInput = z.input<typeof auditQuerySchema>;

export interface AuditPage {
  readonly entries: AuditEntry[];
  readonly nextCursor?: string | undefined;
}
