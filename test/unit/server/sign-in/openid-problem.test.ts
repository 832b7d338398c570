import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type * as Jose from 'jose';
import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client';
import { expect, test } from 'vitest';
import { IssuerError } from '@launchlog/server/sign-in/issuer';
import { discoveryProblem, issuerProblem } from '@launchlog/server/sign-in/openid-problem';
import { isTokenFault } from '@launchlog/server/sign-in/openid-token-fault';

/** The library of the server: it does not recognise the errors of another copy. */
const server = createRequire(new URL('../../../../server/package.json', import.meta.url));
const { errors } = (await import(pathToFileURL(server.resolve('jose')).href)) as typeof Jose;
const ISSUER = 'https://id.example.com';

/** As the library makes them, whose constructors are its own. */
function made<Kind extends object>(kind: { readonly prototype: Kind }, fields: object): Kind {
  return Object.assign(Object.create(kind.prototype) as Kind, fields);
}

test.each<[string, unknown, IssuerError['kind'], string]>([
  ['declines', made(ResponseBodyError, { error: 'access_denied' }), 'refused', 'declined'],
  [
    'declines in the browser',
    made(AuthorizationResponseError, { error: 'access_denied' }),
    'refused',
    'declined',
  ],
  ['ends the code', made(ResponseBodyError, { error: 'expired_token' }), 'refused', 'in time'],
  ['ends the grant', made(ResponseBodyError, { error: 'invalid_grant' }), 'refused', 'is over'],
  [
    'does not know us',
    made(ResponseBodyError, { error: 'invalid_client' }),
    'misconfigured',
    'OIDC_CLIENT_ID',
  ],
  [
    'does not know a scope',
    made(ResponseBodyError, { error: 'invalid_scope' }),
    'misconfigured',
    'OIDC_SCOPES',
  ],
  ['cannot now', made(ResponseBodyError, { error: 'server_error' }), 'away', 'cannot sign people in'],
  ['says a new word', made(ResponseBodyError, { error: 'new\u001b[2Jword' }), 'refused', '(new??2Jword)'],
  ['signed too long ago', new errors.JWTExpired('x', {}), 'refused', 'expired'],
  ['signed for another', new errors.JWTClaimValidationFailed('x', {}, 'aud'), 'refused', 'its aud does not'],
  ['did not sign it', new errors.JWSSignatureVerificationFailed(), 'refused', 'not signed by a key'],
  [
    'has another name',
    made(ClientError, { code: 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED' }),
    'misconfigured',
    ISSUER,
  ],
  [
    'answers to something else',
    made(ClientError, { code: 'OAUTH_INVALID_RESPONSE' }),
    'refused',
    'does not belong',
  ],
  ['takes too long', made(ClientError, { code: 'OAUTH_TIMEOUT' }), 'away', 'cannot be reached'],
  [
    'answers with a page',
    made(ClientError, { code: 'OAUTH_RESPONSE_IS_NOT_JSON' }),
    'away',
    'cannot be reached',
  ],
  ['breaks in another way', made(ClientError, { code: 'ERR_OTHER' }), 'away', 'cannot be reached'],
  [
    'is not asked by the library',
    Object.assign(new Error('x'), { code: 'OAUTH_INVALID_RESPONSE' }),
    'away',
    'cannot be',
  ],
  ['fails without an error', undefined, 'away', 'cannot be reached'],
  ['is not there', new TypeError('fetch failed'), 'away', 'cannot be reached'],
  ['has keys that cannot be read', new errors.JWKSTimeout(), 'away', 'cannot be reached'],
])('an issuer that %s is explained', (_, cause, kind, text) => {
  const problem = issuerProblem(cause, ISSUER);
  expect(problem).toMatchObject({ kind, cause });
  expect(problem.message).toContain(text);
});

test('a problem that was explained is not explained again', () => {
  const explained = new IssuerError('refused', 'no');
  expect(issuerProblem(explained, ISSUER)).toBe(explained);
});

test.each([
  [new errors.JWSInvalid('x'), true],
  [new errors.JWTExpired('x', {}), true],
  [new errors.JWKSTimeout(), false],
  // An address that answers with an error, or without JSON.
  [new errors.JOSEError('x'), false],
  [new TypeError('fetch failed'), false],
  [undefined, false],
])('%s is a fault of the token: %s', (error, isFault) => {
  expect(isTokenFault(error)).toBe(isFault);
});

test.each([404, 400, 499])('an address that answers %i has no issuer', (status) => {
  const cause = made(ClientError, { cause: { status } });
  expect(discoveryProblem(cause, ISSUER)).toMatchObject({ kind: 'misconfigured', cause });
});

test.each([
  ...[408, 429, 500, 302, '404'].map((status) => made(ClientError, { cause: { status } })),
  ...[{ code: 404 }, 'text', null, undefined].map((cause) => made(ClientError, { cause })),
  Object.assign(new Error('other'), { cause: { status: 404 } }),
])('after %j an address may have an issuer later', (cause) => {
  expect(discoveryProblem(cause, ISSUER)).toBe(cause);
});
