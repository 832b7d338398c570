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
  'budget.create',
  'budget.update',
  'budget.remove',
  'stray.terminate',
  'token.create',
  'token.revoke',
  'token.rotate',
  'session.sign_in',
  'session.sign_out',
  'session.end',
  'session.sso',
  'session.device',
  'session.proxy',
  'session.role',
  'token.refused',
  'scope.refused',
  'audit.export',
] as const;
const actionSchema = oneOf(AUDIT_ACTIONS);
export type AuditAction = z.infer<typeof actionSchema>;

/** `refused`: the caller was not allowed, or the request was wrong. `failed`: the server could not. */
export const AUDIT_OUTCOMES = ['ok', 'refused', 'failed'] as const;
const outcomeSchema = oneOf(AUDIT_OUTCOMES);
export type AuditOutcome = z.infer<typeof outcomeSchema>;

/** One thing that somebody did or tried. It never contains a secret. */
export const auditEntrySchema = z.object({
  /** A number that increases with time. */
  id: z.int(),
  at: z.iso.datetime(),
  /** One of `AUDIT_ACTIONS`, or a word of a newer release. */
  action: z.string(),
  outcome: outcomeSchema,
  /** The name of the credential's holder; absent for an unknown credential. */
  actor: z.string().optional(),
  /** Id of the named token. */
  tokenId: z.uuid().optional(),
  /** Address that the request came from. */
  address: z.string(),
  /**
   * Id of the node, rule, delivery, token or session; for `scope.refused` the route or procedure, and for `session.role` the
   * claim that gave a person their rights. Never what a caller typed.
   */
  target: z.string().optional(),
  /** Error code of the answer. */
  code: z.string().optional(),
  /** How many times it was done, where the same was repeated within minutes; absent for once. */
  count: z.int().optional(),
  /** The last of those times. */
  lastAt: z.iso.datetime().optional(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

const PAGE_MAX = 1_000;
const nameSchema = text(200);

const auditFilterSchema = z.strictObject({
  actor: nameSchema.optional(),
  action: filledList(actionSchema).optional(),
  outcome: filledList(outcomeSchema).optional(),
  target: nameSchema.optional(),
  /** Inclusive. */
  since: timestampSchema.optional(),
  /** Inclusive. */
  until: timestampSchema.optional(),
});
export type AuditFilter = z.output<typeof auditFilterSchema>;

/** Newest first. */
export const auditQuerySchema = z.strictObject({
  ...auditFilterSchema.shape,
  limit: wholeNumber(1, PAGE_MAX).default(100),
  /** `nextCursor` of the previous page. */
  cursor: z
    .string({ error: OPAQUE_CURSOR_FAULT })
    .regex(/^[1-9][0-9]{0,14}$/, { error: OPAQUE_CURSOR_FAULT })
    .optional(),
});
export type AuditQuery = z.output<typeof auditQuerySchema>;
export type AuditQueryInput = z.input<typeof auditQuerySchema>;

const EXPORT_FORMATS = ['ndjson', 'csv'] as const;

/** The entries up to now that match, as a file, oldest first. */
export const auditExportQuerySchema = z.strictObject({
  ...auditFilterSchema.shape,
  format: oneOf(EXPORT_FORMATS).default('ndjson'),
});
export type AuditExportQuery = z.output<typeof auditExportQuerySchema>;

export interface AuditPage {
  readonly entries: AuditEntry[];
  readonly nextCursor?: string | undefined;
}
