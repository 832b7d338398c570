import { expect, test } from 'vitest';
import { TokenService } from '@launchlog/server/auth/token-service';
import type { TokenStore } from '@launchlog/server/auth/token-store';
import { FakeClock } from '../../../support/fake/fake-clock.js';

const ADMIN = { name: 'admin', kind: 'admin_token', scopes: ['admin'] } as const;

function service(store: Partial<TokenStore>) {
  const learnt: unknown[] = [];
  const tokens = new TokenService({
    store: store as TokenStore,
    registry: { learn: (token) => void learnt.push(token), revoke: (id) => void learnt.push(id) },
    audit: { around: (_by, _action, work) => work(() => undefined) },
    clock: new FakeClock('2026-01-01T00:00:00.000Z'),
    newId: () => 'id',
    randomBytes: (count) => Buffer.alloc(count),
  });
  return { tokens, learnt };
}
const input = (expiresAt?: string) => ({ name: 'ci', scopes: ['read' as const], expiresAt });

test.each(['name_taken', 'too_many'] as const)(
  'a token is refused where the store answers %s',
  async (reply) => {
    const { tokens, learnt } = service({ create: () => Promise.resolve(reply) });
    await expect(tokens.create(ADMIN, input())).rejects.toMatchObject({ code: 'conflict' });
    expect(learnt).toEqual([]);
  },
);

test('a token expires in the future, or never', async () => {
  const { tokens, learnt } = service({ create: () => Promise.resolve({ id: 'id' } as never) });
  for (const expiresAt of ['2025-12-31T00:00:00Z', '2026-01-01T00:00:00Z']) {
    await expect(tokens.create(ADMIN, input(expiresAt))).rejects.toMatchObject({ code: 'invalid_request' });
  }
  await tokens.create(ADMIN, input('2026-01-01T00:00:01Z'));
  await tokens.create(ADMIN, input());
  expect(learnt).toMatchObject([{ expiresAtMs: Date.UTC(2026, 0, 1, 0, 0, 1) }, { expiresAtMs: undefined }]);
});

test('a token that is not there is neither revoked nor rotated', async () => {
  const absent = () => Promise.resolve(undefined);
  const { tokens, learnt } = service({ revoke: absent, rotate: absent });
  await expect(tokens.revoke(ADMIN, 'x')).rejects.toMatchObject({ code: 'not_found' });
  await expect(tokens.rotate(ADMIN, 'x', { graceSeconds: 0 })).rejects.toMatchObject({ code: 'not_found' });
  expect(learnt).toEqual([]);
});
