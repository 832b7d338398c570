import { generateKeyPairSync, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { IssuerError } from '@launchlog/server/sign-in/issuer';
import { OpenidIssuer } from '@launchlog/server/sign-in/openid-issuer';
import { signedHeader } from '@launchlog/server/sign-in/openid-signed-header';
import { LaunchlogError } from '@launchlog/shared/error-code';
import { FakeClock } from '../../../support/fake/fake-clock.js';

const ISSUER = 'https://id.example';
const CLIENT = { clientId: 'launchlog', clientSecret: 'a-secret-of-the-tests' };
const keys = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const KEY_SET = {
  keys: [{ ...keys.publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256', use: 'sig' }],
};
const METADATA = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/auth`,
  token_endpoint: `${ISSUER}/token`,
  device_authorization_endpoint: `${ISSUER}/device`,
  jwks_uri: `${ISSUER}/keys`,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
};
const DEVICE = { device_code: 'd', user_code: 'u', verification_uri: `${ISSUER}/confirm`, expires_in: 600 };

interface Script {
  readonly metadata?: Readonly<Record<string, unknown>> | Response;
  /** What the token endpoint answers, one after another; the last one from then on. */
  readonly tokens?: readonly (() => Response)[] | undefined;
  readonly issuer?: string;
  readonly clientSecret?: undefined;
}

/** An issuer whose answers are written in the test, and how often it was asked for tokens. */
function scripted({ metadata = {}, tokens = [], issuer = ISSUER, ...options }: Script = {}) {
  const asked: string[] = [];
  const answer = (url: string | URL): Response => {
    const { pathname } = new URL(url);
    asked.push(pathname);
    if (pathname === '/keys') return Response.json(KEY_SET);
    if (pathname === '/device') return Response.json(DEVICE);
    if (pathname === '/token') {
      const nth = asked.filter((path) => path === '/token').length - 1;
      return (tokens[nth] ?? tokens.at(-1))?.() ?? new Response(null, { status: 500 });
    }
    return metadata instanceof Response ? metadata : Response.json({ ...METADATA, ...metadata });
  };
  const opened = new OpenidIssuer({
    issuer,
    ...CLIENT,
    ...options,
    scopes: 'openid',
    redirectUri: 'https://launchlog.example/session/sso/callback',
    signedOutUri: 'https://launchlog.example/',
    fetch: (url) => Promise.resolve(answer(url)),
    clock: new FakeClock(new Date().toISOString()),
  });
  return { issuer: opened, tokensAsked: () => asked.filter((path) => path === '/token').length };
}

function idToken(claims: Record<string, unknown> = {}): string {
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const stated = {
    iss: ISSUER,
    aud: CLIENT.clientId,
    sub: 'u-1',
    iat: nowSeconds,
    exp: nowSeconds + 3_600,
    ...claims,
  };
  const parts = [{ alg: 'RS256', kid: 'k' }, stated]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${parts}.${sign('sha256', Buffer.from(parts), keys.privateKey).toString('base64url')}`;
}

const granted = (rest: object = {}) =>
  Response.json({ access_token: 'a', token_type: 'Bearer', expires_in: 300, ...rest });
const withIdToken = (claims?: Record<string, unknown>) => granted({ id_token: idToken(claims) });
const refused = (error: string, status = 400) => Response.json({ error }, { status });

test.each(['http://id.example', 'http://127.0.0.1.id.example', 'http://localhost.id.example'])(
  'an issuer at %s, which could be forged on the way, is refused',
  (issuer) => {
    expect(() => scripted({ issuer })).toThrow('OIDC_ISSUER must begin with https://');
  },
);

test('an issuer on this machine needs no TLS', () => {
  expect(scripted({ issuer: 'http://127.0.0.1:8080/realm' }).issuer.realm).toBe('127.0.0.1:8080');
});

test('an issuer without a sign-in for devices is no fault of the person', async () => {
  const { issuer } = scripted({ metadata: { device_authorization_endpoint: undefined } });
  await expect(issuer.beginDevice()).rejects.toMatchObject({
    kind: 'misconfigured',
    message: expect.stringContaining('offers no sign-in for devices') as string,
  });
  expect(await scripted().issuer.beginDevice()).toMatchObject({ deviceCode: 'd', intervalSeconds: 5 });
});

test('an address without an issuer is reported with what to change', async () => {
  const { issuer } = scripted({ metadata: new Response('no', { status: 404 }) });
  await expect(issuer.beginDevice()).rejects.toMatchObject({
    kind: 'misconfigured',
    message: expect.stringContaining('has no OpenID Connect configuration (404') as string,
  });
});

test('an issuer with TLS is asked nothing without it, whatever its document names', async () => {
  const { issuer, tokensAsked } = scripted({
    metadata: { token_endpoint: 'http://id.example/token' },
    tokens: [() => withIdToken()],
  });
  await expect(issuer.pollDevice('d')).rejects.toBeInstanceOf(IssuerError);
  expect(tokensAsked()).toBe(0);
});

test('a person is known by the ID token alone, and a session there by its text', async () => {
  const poll = (claims?: Record<string, unknown>) =>
    scripted({ tokens: [() => withIdToken(claims)] }).issuer.pollDevice('d');
  expect(await poll({ sid: 's-1' })).toMatchObject({ subject: 'u-1', issuerSession: 's-1' });
  expect(await poll({ sid: 7 })).toMatchObject({ subject: 'u-1', issuerSession: undefined });
  await expect(scripted({ tokens: [() => granted()] }).issuer.pollDevice('d')).rejects.toMatchObject({
    kind: 'misconfigured',
    message: expect.stringContaining('sent no ID token') as string,
  });
});

test('a refresh counts for the person it was asked for, with an ID token or without', async () => {
  const refresh = (answer: Script['tokens'], subject: string) =>
    scripted({ tokens: answer }).issuer.refresh('r', subject);
  expect(await refresh([() => withIdToken()], 'u-1')).toMatchObject({ subject: 'u-1', refreshToken: 'r' });
  expect(await refresh([() => granted()], 'u-1')).toMatchObject({ subject: 'u-1', idToken: '' });
  await expect(refresh([() => withIdToken()], 'u-2')).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringContaining('another person') as string,
  });
});

test.each([
  ['authorization_pending', 'pending'],
  ['slow_down', 'slow_down'],
])('a code that nobody confirmed yet, %s, is %s', async (error, answer) => {
  expect(await scripted({ tokens: [() => refused(error)] }).issuer.pollDevice('d')).toBe(answer);
});

test.each([
  ['a code that is over', {}, 'invalid_grant', 'refused', 1],
  ['a secret that the issuer takes in neither way', {}, 'invalid_client', 'misconfigured', 2],
  ['a public client', { clientSecret: undefined }, 'invalid_client', 'misconfigured', 1],
] as const)(
  '%s is refused after the issuer was asked once for each way',
  async (_, options, error, kind, times) => {
    const { issuer, tokensAsked } = scripted({ ...options, tokens: [() => refused(error)] });
    await expect(issuer.pollDevice('d')).rejects.toMatchObject({ kind });
    expect(tokensAsked()).toBe(times);
  },
);

test('a secret that the issuer takes in the other way is sent so', async () => {
  const { issuer, tokensAsked } = scripted({
    tokens: [() => refused('invalid_client', 401), () => withIdToken()],
  });
  expect(await issuer.pollDevice('d')).toMatchObject({ subject: 'u-1' });
  expect(tokensAsked()).toBe(2);
});

test('a signed header is refused for its signature, and unavailable while the keys cannot be read', async () => {
  const open = (fetch: () => Promise<Response>) =>
    signedHeader({
      keysUrl: `${ISSUER}/keys`,
      audience: CLIENT.clientId,
      issuer: ISSUER,
      fetch,
    });
  const known = open(() => Promise.resolve(Response.json(KEY_SET)));
  const signed = idToken();
  expect(await known(signed)).toMatchObject({ sub: 'u-1' });
  const forged = await known(`${signed.slice(0, -8)}AAAAAAAA`).catch((error: unknown) => error);
  expect(forged).toBeInstanceOf(Error);
  expect(forged).not.toBeInstanceOf(LaunchlogError);
  const away = open(() => Promise.reject(new TypeError('fetch failed')));
  await expect(away(signed)).rejects.toMatchObject({ code: 'unavailable' });
});
