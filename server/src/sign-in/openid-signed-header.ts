import { createRemoteJWKSet, customFetch, jwtVerify } from 'jose';
import { LaunchlogError } from '@launchlog/shared/error-code';
import type { Fetch } from '../outbound/outbound-http.js';
import type { Claims } from './claim-values.js';
import { isTokenFault } from './openid-token-fault.js';

interface SignedHeaderOptions {
  /** The address of the keys, for Cloudflare Access `https://<team>.cloudflareaccess.com/cdn-cgi/access/certs`. */
  readonly keysUrl: string;
  readonly audience: string;
  readonly issuer: string | undefined;
  readonly fetch: Fetch;
}

const CLOCK_TOLERANCE_SECONDS = 60;
const KEYS_COOLDOWN_MS = 10_000;
const TIMEOUT_MS = 5_000;
const RETRY_AFTER_SECONDS = 5;
/** Algorithms with a public key: with a shared secret, all who can verify could also sign. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/**
 * Verifies an identity that a proxy signed as a JWT. The result rejects with `unavailable` while the keys cannot be read, and
 * with another error for an invalid JWT.
 */
export function signedHeader({ keysUrl, audience, issuer, fetch }: SignedHeaderOptions) {
  const keys = createRemoteJWKSet(new URL(keysUrl), {
    cooldownDuration: KEYS_COOLDOWN_MS,
    timeoutDuration: TIMEOUT_MS,
    [customFetch]: fetch,
  });
  return async (signed: string): Promise<Claims> => {
    try {
      const { payload } = await jwtVerify(signed, keys, {
        audience,
        ...(issuer === undefined ? {} : { issuer }),
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ['exp'],
      });
      return payload;
    } catch (error) {
      if (isTokenFault(error)) throw error;
      throw new LaunchlogError(
        'unavailable',
        'the keys of the proxy (IDENTITY_JWKS_URL) cannot be read now',
        {
          cause: error,
          retryAfterSeconds: RETRY_AFTER_SECONDS,
        },
      );
    }
  };
}
