import { errors } from 'jose';
import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client';
import { IssuerError } from './issuer.js';
import { isTokenFault } from './openid-token-fault.js';

/** The issuer's own word for an error, such as `access_denied` or `invalid_grant`. */
export function oauthErrorOf(error: unknown): string | undefined {
  if (error instanceof ResponseBodyError || error instanceof AuthorizationResponseError) return error.error;
  return undefined;
}

/** Describes the failure in a sentence for people. The cause is for the log of the server. */
export function issuerProblem(cause: unknown, issuer: string): IssuerError {
  if (cause instanceof IssuerError) return cause;
  const code = oauthErrorOf(cause);
  if (code !== undefined) return refusal(code, cause);
  if (cause instanceof errors.JWTExpired) return new IssuerError('refused', EXPIRED, { cause });
  if (cause instanceof errors.JWTClaimValidationFailed) {
    return new IssuerError(
      'refused',
      `the ID token is not for this server: its ${cause.claim} does not match`,
      {
        cause,
      },
    );
  }
  if (isTokenFault(cause)) {
    return new IssuerError('refused', 'the ID token is not signed by a key of the identity provider', {
      cause,
    });
  }
  const inner = cause instanceof ClientError ? cause.code : undefined;
  if (inner !== undefined && MISMATCHES.has(inner)) {
    const text = `${issuer} does not describe itself as OIDC_ISSUER names it: set OIDC_ISSUER to the issuer in its discovery document`;
    return new IssuerError('misconfigured', text, { cause });
  }
  if (inner !== undefined && inner.startsWith('OAUTH_') && inner !== 'OAUTH_TIMEOUT' && !AWAY.has(inner)) {
    return new IssuerError('refused', 'the answer of the identity provider does not belong to this sign-in', {
      cause,
    });
  }
  return new IssuerError('away', 'the identity provider cannot be reached', { cause });
}

/** Why the discovery of an issuer failed. Repeating it does not help if there is no issuer at the address. */
export function discoveryProblem(cause: unknown, issuer: string): unknown {
  const status = statusOf(cause);
  if (status === undefined || status < 400 || status >= 500 || LATER.has(status)) return cause;
  const text = `${issuer} has no OpenID Connect configuration (${status} at /.well-known/openid-configuration): check OIDC_ISSUER`;
  return new IssuerError('misconfigured', text, { cause });
}

/** The status of the answer that the library could not use. */
function statusOf(cause: unknown): number | undefined {
  const answer = cause instanceof ClientError ? cause.cause : undefined;
  if (typeof answer !== 'object' || answer === null || !('status' in answer)) return undefined;
  return typeof answer.status === 'number' ? answer.status : undefined;
}

/** Statuses of a request that took too long, and of too many requests. */
const LATER: ReadonlySet<number> = new Set([408, 429]);

const EXPIRED = 'the ID token has expired: the clocks of this server and of the identity provider may differ';
const MISMATCHES = new Set(['OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED']);
/** Answers of a proxy in between, or of a server that starts, rather than of the issuer. */
const AWAY = new Set(['OAUTH_RESPONSE_IS_NOT_CONFORM', 'OAUTH_RESPONSE_IS_NOT_JSON', 'OAUTH_PARSE_ERROR']);

function refusal(code: string, cause: unknown): IssuerError {
  switch (code) {
    case 'access_denied':
      return new IssuerError('refused', 'the sign-in was declined at the identity provider', { cause });
    case 'expired_token':
      return new IssuerError('refused', 'the code was not confirmed in time: begin again', { cause });
    case 'invalid_grant':
      return new IssuerError('refused', 'the sign-in is over at the identity provider: begin again', {
        cause,
      });
    case 'invalid_client':
    case 'unauthorized_client':
      return new IssuerError(
        'misconfigured',
        'the identity provider does not accept this server: check OIDC_CLIENT_ID and OIDC_CLIENT_SECRET',
        { cause },
      );
    case 'invalid_scope':
      return new IssuerError('misconfigured', 'the identity provider does not know a scope of OIDC_SCOPES', {
        cause,
      });
    case 'temporarily_unavailable':
    case 'server_error':
      return new IssuerError('away', 'the identity provider cannot sign people in now', { cause });
    default:
      return new IssuerError('refused', `the identity provider refused the sign-in (${printable(code)})`, {
        cause,
      });
  }
}

function printable(code: string): string {
  return code.slice(0, 60).replace(/[^\w.-]/g, '?');
}
