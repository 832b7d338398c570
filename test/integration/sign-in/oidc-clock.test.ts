import { randomBytes } from 'node:crypto';
import { SecretBox } from '@launchlog/server/database/secret-box';
import { OpenidIssuer } from '@launchlog/server/sign-in/openid-issuer';
import { PersonSignIn } from '@launchlog/server/sign-in/person-sign-in';
import { RightsCheck } from '@launchlog/server/sign-in/rights-check';
import { RoleTable } from '@launchlog/server/sign-in/role-table';
import type { CheckedSession, StoredSession } from '@launchlog/server/auth/session/session-store';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../support/fake/fake-clock.js';
import { TEST_CLIENT, TestIssuer } from '../../support/backing-service/test-issuer.js';

const HOUR_MS = 3_600_000;
/** How long the issuer's ID tokens and access tokens last. */
const ID_TOKEN_MS = HOUR_MS;
const ACCESS_MS = 300_000;
const ADA = { sub: 'u-1', email: 'ada@example.com', email_verified: true, groups: ['ops'] };

let provider: TestIssuer;
beforeAll(async () => {
  provider = await TestIssuer.start('http://127.0.0.1:9/session/sso/callback');
});
beforeEach(() => {
  provider.person = ADA;
});
afterAll(() => provider.stop());

function issuerAt(clock: FakeClock, url = provider.url): OpenidIssuer {
  return new OpenidIssuer({
    issuer: url,
    clientId: TEST_CLIENT.id,
    clientSecret: TEST_CLIENT.secret,
    scopes: 'openid profile email offline_access',
    redirectUri: 'http://127.0.0.1:9/session/sso/callback',
    signedOutUri: 'http://127.0.0.1:9/',
    fetch,
    clock,
  });
}

/** A clock that is so far from the issuer's. */
const clockOff = (ms: number) => new FakeClock(new Date(Date.now() + ms).toISOString());

async function signedIn(issuer: OpenidIssuer) {
  const { deviceCode, userCode } = await issuer.beginDevice();
  await provider.confirm(userCode);
  const tokens = await issuer.pollDevice(deviceCode);
  if (typeof tokens === 'string') throw new Error(tokens);
  return tokens;
}

test.each([
  ['40 seconds ahead of the end of a token', ID_TOKEN_MS + 40_000],
  ['50 minutes behind', -50 * 60_000],
])('a clock %s signs people in', async (_, ms) => {
  expect(await signedIn(issuerAt(clockOff(ms)))).toMatchObject({ subject: 'u-1' });
});

test('a token that ended more than a minute ago by our clock is refused, with the likely reason', async () => {
  const issuer = issuerAt(clockOff(ID_TOKEN_MS + 90_000));
  await expect(signedIn(issuer)).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringContaining(
      'clocks of this server and of the identity provider may differ',
    ) as string,
  });
});

test('keys that have changed are found at the next token', async () => {
  const issuer = issuerAt(clockOff(0));
  await signedIn(issuer);
  provider.rotateKeys();
  await expect
    .poll(() => signedIn(issuer).catch((error: unknown) => error))
    .toMatchObject({ subject: 'u-1' });
});

test('an issuer that is a wrong address, or another one, is refused with what to change', async () => {
  const wrong = issuerAt(clockOff(0), `${provider.url}/realms/none`);
  await expect(wrong.beginDevice()).rejects.toMatchObject({
    kind: 'misconfigured',
    message: expect.stringMatching(/has no OpenID Connect configuration \(404 .*check OIDC_ISSUER/) as string,
  });
  const other = issuerAt(clockOff(0), provider.url.replace('127.0.0.1', 'localhost'));
  await expect(other.beginDevice()).rejects.toMatchObject({
    kind: 'misconfigured',
    message: expect.stringContaining('set OIDC_ISSUER to the issuer in its discovery document') as string,
  });
});

test('rights are looked up when the access token ends, once, and a person who lost their role is signed out', async () => {
  const clock = clockOff(0);
  const issuer = issuerAt(clock);
  const secretBox = new SecretBox(randomBytes(32));
  const audit = { record: () => Promise.resolve() };
  const roles = new RoleTable(
    JSON.stringify([{ claim: 'groups', value: 'ops', scopes: ['admin'] }]),
    'OIDC_ROLES',
  );
  const people = new PersonSignIn({
    roles,
    realm: 'i',
    nameClaim: undefined,
    secretBox,
    audit,
    clock,
    lastsMs: 12 * HOUR_MS,
  });
  const person = await people.admit(await signedIn(issuer), 'session.device', {});
  const id = '550e8400-e29b-41d4-a716-446655440000';
  let sealed = person.seal(id);
  const row: StoredSession = {
    ...person,
    ...person.rights,
    id,
    way: 'device',
    isActive: true,
    beganAtMs: clock.now(),
    changedAtMs: 0,
  };
  const known = new Map([[id, row]]);
  const ended: string[] = [];
  const check = new RightsCheck({
    issuer,
    people,
    registry: {
      known,
      lastSeen: () => clock.now(),
      end: (_id, by) => {
        known.clear();
        ended.push(by);
        return Promise.resolve();
      },
    },
    store: {
      claimCheck: () => Promise.resolve(sealed),
      checked: (_id, found: CheckedSession) => {
        sealed = found.sealed;
        known.set(id, { ...row, checkAtMs: found.checkAtMs });
        return Promise.resolve();
      },
    },
    secretBox,
    audit,
    clock,
    idleAfterMs: HOUR_MS,
    onProblem: () => undefined,
  });
  check.start();
  const refreshes = () => provider.requests.filter((path) => path === '/token').length;
  const before = refreshes();
  await clock.advance(ACCESS_MS - 2_000);
  expect(refreshes()).toBe(before);
  await clock.advance(3_000);
  await expect.poll(() => known.get(id)?.checkAtMs).toBe(clock.now() + ACCESS_MS);
  expect(refreshes()).toBe(before + 1);
  provider.person = { ...ADA, groups: [] };
  await clock.advance(ACCESS_MS - 2_000);
  expect(refreshes()).toBe(before + 1);
  await clock.advance(3_000);
  await expect.poll(() => ended).toEqual(['issuer']);
  check.close();
});
