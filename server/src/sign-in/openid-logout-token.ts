import { errors, jwtVerify } from 'jose';
import type { JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { IssuerError } from './issuer.js';
import type { IssuerLogout } from './issuer.js';
import { isTokenFault } from './openid-token-fault.js';

interface ExpectedToken {
  readonly issuer: string;
  readonly audience: string;
  readonly nowMs: number;
  readonly toleranceSeconds: number;
}

/** Logout tokens are sent at once: an older one is a copy. */
const AGE_MAX_SECONDS = 300;
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
/** Permitted types in the header. Other tokens, such as access tokens, have other types. */
const TYPES: ReadonlySet<string> = new Set(['', 'jwt', 'logout+jwt', 'application/logout+jwt']);
const text = z.string().min(1).max(1_000);
const claimsSchema = z
  .object({
    jti: text,
    iat: z.number(),
    sub: text.optional(),
    sid: text.optional(),
    events: z.object({ [EVENT]: z.record(z.string(), z.unknown()) }),
    nonce: z.never({ error: 'is that of an ID token' }).optional(),
  })
  .refine(({ sub, sid }) => sub !== undefined || sid !== undefined, {
    path: ['sub'],
    error: 'and sid are absent',
  });

/**
 * Verifies a logout token of OpenID Connect Back-Channel Logout 1.0: signature, issuer, audience, time and claims. Rejects
 * with an `IssuerError` of the kind `refused` for one that cannot be used, and with other errors where the keys of the
 * issuer cannot be read.
 */
export async function readLogoutToken(
  token: string,
  keys: JWTVerifyGetKey,
  { issuer, audience, nowMs, toleranceSeconds }: ExpectedToken,
): Promise<IssuerLogout> {
  const verified = await jwtVerify(token, keys, {
    issuer,
    audience,
    clockTolerance: toleranceSeconds,
    maxTokenAge: AGE_MAX_SECONDS,
    currentDate: new Date(nowMs),
  }).catch((cause: unknown) => {
    if (!isTokenFault(cause)) throw cause;
    throw refused(reasonOf(cause), cause);
  });
  if (!TYPES.has(verified.protectedHeader.typ?.toLowerCase() ?? ''))
    throw refused('its typ is that of another token');
  const claims = claimsSchema.safeParse(verified.payload);
  if (!claims.success) {
    const [issue] = claims.error.issues;
    throw refused(
      `its ${String(issue?.path[0] ?? 'content')} ${issue?.message ?? 'cannot be used'}`,
      claims.error,
    );
  }
  const { jti, sub, sid, iat } = claims.data;
  const endsAtMs = (iat + AGE_MAX_SECONDS + toleranceSeconds) * 1_000;
  return { tokenId: jti, subject: sub, sessionId: sid, endsAtMs };
}

function reasonOf(cause: errors.JOSEError): string {
  if (cause instanceof errors.JWTExpired) return 'it is too old: is it sent again, or do the clocks differ?';
  if (cause instanceof errors.JWTClaimValidationFailed) return `its ${cause.claim} does not match`;
  return 'it is not signed by a key of the identity provider';
}

function refused(reason: string, cause?: unknown): IssuerError {
  return new IssuerError('refused', `the logout token cannot be used: ${reason}`, { cause });
}
