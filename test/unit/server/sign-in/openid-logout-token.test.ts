import { generateKeyPairSync, sign } from 'node:crypto';
import { IssuerError } from '@launchlog/server/sign-in/issuer';
import { readLogoutToken } from '@launchlog/server/sign-in/openid-logout-token';
import { expect, test } from 'vitest';

const NOW_MS = Date.parse('2026-01-01T00:00:00.000Z');
const NOW = NOW_MS / 1_000;
const EXPECTED = {
  issuer: 'https://id.example.com',
  audience: 'launchlog',
  nowMs: NOW_MS,
  toleranceSeconds: 60,
};
const EVENTS = { 'http://schemas.openid.net/event/backchannel-logout': {} };
const CLAIMS = { iss: EXPECTED.issuer, aud: 'launchlog', iat: NOW, jti: 'j-1', sub: 'u-1', events: EVENTS };

const own = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const foreign = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const keys = () => Promise.resolve(own.publicKey);
const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

function signed(claims: object, typ?: string, key = own.privateKey): string {
  const content = `${encoded({ alg: 'RS256', ...(typ && { typ }) })}.${encoded(claims)}`;
  return `${content}.${sign('sha256', Buffer.from(content), key).toString('base64url')}`;
}

const read = async (token: string) => readLogoutToken(token, keys, EXPECTED);
const without = (name: keyof typeof CLAIMS) =>
  Object.fromEntries(Object.entries(CLAIMS).filter(([key]) => key !== name));

test.each([
  ['of a person', CLAIMS, { subject: 'u-1', sessionId: undefined }],
  ['of a session', { ...without('sub'), sid: 's-1' }, { subject: undefined, sessionId: 's-1' }],
  ['of both', { ...CLAIMS, sid: 's-1' }, { subject: 'u-1', sessionId: 's-1' }],
  ['for several clients', { ...CLAIMS, aud: ['other', 'launchlog'] }, { subject: 'u-1' }],
  ['with an end', { ...CLAIMS, exp: NOW + 120 }, { subject: 'u-1' }],
  ['of a clock that is a minute ahead', { ...CLAIMS, iat: NOW + 55 }, { subject: 'u-1' }],
])('a logout token %s is accepted', async (_, claims, expected) => {
  for (const typ of [undefined, 'JWT', 'logout+jwt']) {
    expect(await read(signed(claims, typ))).toMatchObject({ tokenId: 'j-1', ...expected });
  }
});

test.each([
  ['of another issuer', { ...CLAIMS, iss: 'https://evil.example.com' }, 'its iss does not match'],
  ['for another client', { ...CLAIMS, aud: 'other' }, 'its aud does not match'],
  ['that is old', { ...CLAIMS, iat: NOW - 400 }, 'it is too old'],
  ['that has expired', { ...CLAIMS, exp: NOW - 61 }, 'it is too old'],
  ['of the future', { ...CLAIMS, iat: NOW + 300 }, 'its iat does not match'],
  ['without a time', without('iat'), 'its iat does not match'],
  ['without an id', without('jti'), 'its jti '],
  ['without the event', { ...CLAIMS, events: { other: {} } }, 'its events '],
  ['that is an ID token', without('events'), 'its events '],
  ['with an id that is too long', { ...CLAIMS, jti: 'x'.repeat(1_001) }, 'its jti '],
  ['with an empty id', { ...CLAIMS, jti: '' }, 'its jti '],
  ['with an empty person', { ...CLAIMS, sub: '' }, 'its sub '],
  ['with a nonce', { ...CLAIMS, nonce: 'n' }, 'its nonce is that of an ID token'],
  ['that names nobody', without('sub'), 'its sub and sid are absent'],
])('a logout token %s is refused', async (_, claims, problem) => {
  const refusal = await read(signed(claims)).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(IssuerError);
  expect(refusal).toMatchObject({ kind: 'refused', message: expect.stringContaining(problem) as string });
});

test.each([
  ['by another key', () => signed(CLAIMS, undefined, foreign.privateKey), 'not signed by a key'],
  ['by none', () => `${encoded({ alg: 'none' })}.${encoded(CLAIMS)}.`, 'not signed by a key'],
  ['as an access token', () => signed(CLAIMS, 'at+jwt'), 'its typ is that of another token'],
  ['as no token at all', () => 'x'.repeat(100), 'not signed by a key'],
])('a logout token that is signed %s is refused', async (_, make, problem) => {
  const refusal = { kind: 'refused', message: expect.stringContaining(problem) as string };
  await expect(read(make())).rejects.toMatchObject(refusal);
});

test('keys that cannot be read are no refusal: the issuer may send the token again', async () => {
  const away = () => Promise.reject(new TypeError('fetch failed'));
  await expect(readLogoutToken(signed(CLAIMS), away, EXPECTED)).rejects.toBeInstanceOf(TypeError);
});
