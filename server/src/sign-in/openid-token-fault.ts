import { errors } from 'jose';

/**
 * Whether the token itself is invalid. Other errors mean that the issuer's keys cannot be read now, and the token may still
 * be valid.
 */
export function isTokenFault(error: unknown): error is errors.JOSEError {
  if (!(error instanceof errors.JOSEError)) return false;
  // A JWKS address that answers with an error, or without JSON, is reported with the generic code.
  return !(error instanceof errors.JWKSTimeout) && error.code !== errors.JOSEError.code;
}
