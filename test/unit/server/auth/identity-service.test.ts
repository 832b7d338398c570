import { expect, test } from 'vitest';
import { IdentityService } from '@launchlog/server/auth/identity-service';
import type { Principal } from '@launchlog/server/principal';

const TOKEN = { expiresAt: '2026-05-01T00:00:00.000Z', lastUsedAt: '2026-01-03T00:00:00.000Z' };
const SESSION = { way: 'token', endsAt: '2026-04-01T00:00:00.000Z', seenAt: '2026-01-02T00:00:00.000Z' };

function service({ session, token }: { session?: object; token?: object }) {
  const asked: string[] = [];
  const identities = new IdentityService({
    sessions: { current: () => Promise.resolve(session as never) },
    tokens: {
      find: (id) => {
        asked.push(id);
        return Promise.resolve(token as never);
      },
    },
  });
  return { identities, asked };
}

const by = (changes: Partial<Principal>): Principal => ({
  name: 'ada',
  kind: 'admin_token',
  scopes: ['nodes:read', 'logs:read'],
  ...changes,
});

test('a caller without a token is not looked for among tokens, and has the scopes that it holds', async () => {
  const { identities, asked } = service({});
  const identity = await identities.describe(by({}));
  expect(identity).toMatchObject({ kind: 'token', credential: 'token', scopes: ['read'] });
  expect([identity.expiresAt, identity.lastUsedAt, asked]).toEqual([undefined, undefined, []]);
});

test.each([
  ['its session', { session: SESSION }, {}, SESSION.endsAt],
  [
    'its token, where that is sooner',
    { session: { ...SESSION, endsAt: '2026-09-01T00:00:00.000Z' }, token: TOKEN },
    { tokenId: 't' },
    TOKEN.expiresAt,
  ],
  [
    'its secret, where that is sooner',
    { token: TOKEN },
    { tokenId: 't', endsAtMs: Date.UTC(2026, 2) },
    '2026-03-01T00:00:00.000Z',
  ],
])('a caller ends with %s', async (_, rows, changes, expiresAt) => {
  const identity = await service(rows).identities.describe(by({ kind: 'console_session', ...changes }));
  expect(identity).toMatchObject({ credential: 'session', expiresAt });
});

test('a person is no token', async () => {
  const { identities } = service({ session: { ...SESSION, way: 'sso' } });
  expect(await identities.describe(by({ kind: 'console_session' }))).toMatchObject({ kind: 'person' });
});
