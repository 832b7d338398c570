import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SqlOpenedTickets } from '@launchlog/server/auth/sql-opened-tickets';
import { SqlTokenStore } from '@launchlog/server/auth/sql-token-store';
import { hashOf } from '@launchlog/server/auth/token-registry';
import { VALID_TOKENS_MAX } from '@launchlog/server/auth/token-store';
import type { NewToken } from '@launchlog/server/auth/token-store';
import { DATABASE_KINDS } from '../../support/database/node-databases.js';
import type { OpenDatabase } from '../../support/database/node-databases.js';

function newToken(changes: Partial<NewToken> = {}): NewToken {
  const id = randomUUID();
  return {
    id,
    name: `ci-${id}`,
    hash: hashOf(randomBytes(32).toString('base64url')),
    scopes: ['read'],
    deploymentId: undefined,
    tenantId: undefined,
    createdBy: 'admin',
    expiresAt: undefined,
    ...changes,
  };
}

describe.each(Object.entries(DATABASE_KINDS))('named tokens in %s', (_kind, open) => {
  let opened: OpenDatabase;
  let store: SqlTokenStore;
  beforeAll(async () => {
    opened = await open();
    store = new SqlTokenStore(opened.database);
  });
  afterAll(() => opened.stop());

  test('count the calls that may have changed them, and no others', async () => {
    const token = newToken();
    const counted = async (call: () => Promise<unknown>) => {
      const before = store.writes;
      await call().catch(() => undefined);
      return store.writes - before;
    };
    expect(await counted(() => store.create(token))).toBe(1);
    expect(await counted(() => store.create({ ...token, id: 'no uuid' }))).toBe(1);
    expect(await counted(() => store.rotate(token.id, hashOf('next'), 60))).toBe(1);
    expect(await counted(() => store.used(new Map([[token.id, Date.now()]])))).toBe(0);
    expect(await counted(() => store.listValid())).toBe(0);
    expect(await counted(() => store.revoke(token.id))).toBe(1);
    expect(await counted(() => store.revoke('no uuid'))).toBe(1);
  });

  test('are shown without their hash, and found by it', async () => {
    const token = newToken({
      scopes: ['read', 'launch'],
      deploymentId: 'chat',
      expiresAt: '2100-01-01T00:00:00Z',
    });
    const shown = await store.create(token);
    expect(shown).toMatchObject({
      id: token.id,
      scopes: ['read', 'launch'],
      deploymentId: 'chat',
      createdBy: 'admin',
      expiresAt: '2100-01-01T00:00:00.000Z',
    });
    expect(JSON.stringify(shown)).not.toContain(token.hash);
    expect(JSON.stringify(await store.list(100))).not.toContain(token.hash);
    expect(await store.find(token.id)).toEqual(shown);
    expect(await store.find(randomUUID())).toBeUndefined();
    expect(await store.findValid(token.hash)).toMatchObject({
      id: token.id,
      deploymentId: 'chat',
      expiresAtMs: Date.UTC(2100, 0),
    });
    expect(await store.findValid(hashOf('another'))).toBeUndefined();
  });

  test('that were revoked or have expired are invalid, and stay in the list', async () => {
    const revoked = newToken();
    const expired = newToken({ expiresAt: '2000-01-01T00:00:00+02:00' });
    const valid = newToken();
    for (const token of [revoked, expired, valid]) await store.create(token);
    const first = await store.revoke(revoked.id);
    expect(first?.revokedAt).toBeDefined();
    expect(await store.revoke(revoked.id)).toEqual(first);
    const ids = (await store.listValid()).map(({ id }) => id);
    expect(ids).toContain(valid.id);
    expect(ids).not.toContain(revoked.id);
    expect(ids).not.toContain(expired.id);
    expect(await store.findValid(revoked.hash)).toBeUndefined();
    expect(await store.findValid(expired.hash)).toBeUndefined();
    expect((await store.list(100)).map(({ id }) => id)).toEqual(
      expect.arrayContaining([revoked.id, expired.id, valid.id]),
    );
    expect(await store.revoke(randomUUID())).toBeUndefined();
  });

  test('never share a name, not even with a revoked one', async () => {
    const token = newToken();
    await store.create(token);
    await store.revoke(token.id);
    expect(await store.create(newToken({ name: token.name }))).toBe('name_taken');
  });

  test('are rotated and used one by one, and not once they are invalid', async () => {
    const [one, other, revoked, expired] = [
      newToken(),
      newToken(),
      newToken(),
      newToken({ expiresAt: '2000-01-01T00:00:00Z' }),
    ];
    for (const token of [one, other, revoked, expired]) await store.create(token);
    await store.revoke(revoked.id);
    const untouched = await store.find(other.id);
    const next = hashOf(randomUUID());
    expect(await store.rotate(one.id, next, 0)).toBeDefined();
    await store.used(new Map([[one.id, Date.now()]]));
    for (const { id } of [revoked, expired]) expect(await store.rotate(id, hashOf(id), 0)).toBeUndefined();
    expect(await store.find(other.id)).toEqual(untouched);
    expect(await store.findValid(one.hash)).toBeUndefined();
    expect((await store.findValid(next))?.id).toBe(one.id);
  });

  test('have the scopes of this release alone', async () => {
    const token = newToken({ scopes: ['read'] });
    await store.create(token);
    await opened.database.query(`update access_tokens set scopes = '["fly", "read"]' where id = $1`, [
      token.id,
    ]);
    expect(await store.find(token.id)).toMatchObject({ scopes: ['read'] });
  });

  test('are not lost in silence where the database is away', async () => {
    const away = new SqlTokenStore({ ...opened.database, query: () => Promise.reject(new Error('away')) });
    await expect(away.create(newToken())).rejects.toThrow('away');
  });

  test('are refused when there are too many', async () => {
    const have = (await store.listValid()).length;
    const rows = Array.from({ length: VALID_TOKENS_MAX - have }, () => newToken());
    const values = rows.map(({ id, name, hash }) => `('${id}', '${name}', '${hash}', '["read"]', 'admin')`);
    await opened.database.query(
      `insert into access_tokens (id, name, hash, scopes, created_by) values ${values.join(',')}`,
      [],
    );
    expect(await store.create(newToken())).toBe('too_many');
    await store.revoke(rows[0]!.id);
    expect(await store.create(newToken())).toMatchObject({ createdBy: 'admin' });
  });

  test('opened tickets are known to every server until they have ended, and to this one while the database is away', async () => {
    const problems: string[] = [];
    const onProblem = (problem: string) => void problems.push(problem);
    const server = () => new SqlOpenedTickets({ database: opened.database, onProblem });
    const [ended, valid, unknown] = [randomUUID(), randomUUID(), randomUUID()];
    const own = server();
    await own.note(ended, Date.now() - 1_000);
    await own.note(valid, Date.now() + 60_000);
    await server().note(valid, Date.now() + 60_000);
    expect(await server().has(valid)).toBe(true);
    expect(await server().has(unknown)).toBe(false);
    expect(await server().expire(10)).toBe(1);
    expect(await server().has(ended)).toBe(false);
    expect(await server().has(valid)).toBe(true);
    const database = { ...opened.database, query: () => Promise.reject(new Error('away')) };
    const alone = new SqlOpenedTickets({ database, onProblem });
    await alone.note(unknown, Date.now() + 60_000);
    expect(await alone.has(unknown)).toBe(true);
    await expect(alone.has(randomUUID())).rejects.toThrow('away');
    expect(problems).toEqual(['a stream that a ticket opened can be resumed on this server only']);
  });
});
