import { z } from 'zod';
import { filledList, labelSchema, offsetTimestampSchema, oneOf, tooLong } from './field-rule.js';

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

/** Only this answer contains the token. */
export interface CreatedAccessToken {
  readonly accessToken: AccessToken;
  readonly token: string;
}
