import { z } from 'zod';
import { filledList, labelSchema, offsetTimestampSchema, oneOf, tooLong, wholeNumber } from './field-rule.js';

/** `read`: nodes and logs. `launch`: launch, cancel, retry and terminate. `admin`: everything. */
export const TOKEN_SCOPES = ['read', 'launch', 'admin'] as const;
const scopeSchema = oneOf(TOKEN_SCOPES);
export type TokenScope = z.infer<typeof scopeSchema>;

/** The actor of the configured admin token. No named token may have this name. */
const ADMIN_NAME = 'admin';

/** A named token without its secret, which only its holder knows. */
export const accessTokenSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  scopes: z.array(scopeSchema),
  /** It sees and launches nodes of this deployment only. */
  deploymentId: z.string().optional(),
  /** It sees and launches nodes of this tenant only. */
  tenantId: z.string().optional(),
  createdAt: z.iso.datetime(),
  /** The actor that created it. */
  createdBy: z.string(),
  expiresAt: z.iso.datetime().optional(),
  revokedAt: z.iso.datetime().optional(),
  /** Written down up to a minute late; absent if it was never used, or only on servers of 0.1.0. */
  lastUsedAt: z.iso.datetime().optional(),
  /** When it last got a new secret. */
  rotatedAt: z.iso.datetime().optional(),
  /** Until when the former secret is valid too; absent when it no longer is. */
  previousUntil: z.iso.datetime().optional(),
});
export type AccessToken = z.infer<typeof accessTokenSchema>;

export const accessTokenInputSchema = z
  .strictObject({
    /** Appears in the audit trail and is never reused, not even after this token was revoked. */
    name: labelSchema.refine((name) => name.toLowerCase() !== ADMIN_NAME, {
      error: `must not be '${ADMIN_NAME}', the name of the configured admin token`,
    }),
    scopes: filledList(scopeSchema).max(TOKEN_SCOPES.length, tooLong(TOKEN_SCOPES.length)),
    deploymentId: labelSchema.optional(),
    tenantId: labelSchema.optional(),
    expiresAt: offsetTimestampSchema.optional(),
  })
  .refine(
    (token) =>
      !token.scopes.includes('admin') || (token.deploymentId === undefined && token.tenantId === undefined),
    { path: ['scopes'], error: 'must not include admin for a token that is bound to a deployment or tenant' },
  );
export type AccessTokenInput = z.input<typeof accessTokenInputSchema>;

const GRACE_SECONDS_MAX = 2_592_000;

/** `graceSeconds`: how long the former secret stays valid; a day by default, 30 days at most. */
export const tokenRotationSchema = z.strictObject({
  graceSeconds: wholeNumber(0, GRACE_SECONDS_MAX).default(86_400),
});
export type TokenRotationInput = z.input<typeof tokenRotationSchema>;

/** Only this answer contains the token. */
export interface CreatedAccessToken {
  readonly accessToken: AccessToken;
  readonly token: string;
}
