import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NewSession } from '@launchlog/server/auth/session/session-store';
import { SESSIONS_OF_NAME_MAX } from '@launchlog/server/auth/session/session-store';
import { SqlSessionStore } from '@launchlog/server/auth/session/sql-session-store';
import { SqlTokenStore } from '@launchlog/server/auth/sql-token-store';
import { hashOf } from '@launchlog/server/auth/token-registry';
import { DATABASE_KINDS } from '../../support/database/node-databases.js';
import type { OpenDatabase } from '../../support/database/node-databases.js';

const HOUR_MS = 3_600_000;

function newSession(changes: Partial<NewSession> = {}): NewSession {
  const beganAtMs = Date.now();
  return {
    id: randomUUID(),
    name: 'ada@example.com',
    way: 'sso',
    beganAtMs,
    endsAtMs: beganAtMs + HOUR_MS,
    ...changes,
  };
}

const SEALED = { keyId: 'k', bytes: new Uint8Array([1, 2, 3]) };

describe.each(Object.entries(DATABASE_KINDS))('sessions in %s', (_kind, open) => {
  let opened: OpenDatabase;
  let store: SqlSessionStore;
  beforeAll(async () => {
    opened = await open();
    store = new SqlSessionStore(opened.database);
  });
  afterAll(() => opened.stop());

  const added = async (changes: Partial<NewSession> = {}) => {
    const session = newSession(changes);
    await store.add(session);
    return session;
  };

  test('are found with the rights that they began with, and listed without a secret', async () => {
    const name = 'rights@example.com';
    const rights = { scopes: ['read', 'launch'], tenantId: 'acme' } as const;
    const session = await added({
      name,
      rights,
      subject: 'u-1',
      sealed: SEALED,
      address: '10.0.0.1',
      client: 'curl',
    });
    expect(await store.find(session.id)).toMatchObject({
      isActive: true,
      name,
      way: 'sso',
      scopes: ['read', 'launch'],
      tenantId: 'acme',
      subject: 'u-1',
      endsAtMs: session.endsAtMs,
    });
    const [shown] = await store.list(10, name);
    expect(shown).toMatchObject({ id: session.id, address: '10.0.0.1', client: 'curl' });
    expect(Object.keys(shown ?? {})).not.toContain('sealed');
    expect(await store.find(randomUUID())).toBeUndefined();
    expect(await store.sealed(session.id)).toEqual({ ...SEALED, bytes: expect.anything() });
  });

  test('count the calls that may have changed them, and no others', async () => {
    const session = newSession({ checkAtMs: 0, sealed: SEALED });
    const counted = async (call: () => Promise<unknown>) => {
      const before = store.writes;
      await call().catch(() => undefined);
      return store.writes - before;
    };
    const found = { rights: { scopes: ['read'] as const }, checkAtMs: undefined, sealed: undefined };
    expect(await counted(() => store.add(session))).toBe(1);
    expect(await counted(() => store.claimCheck(session.id, Date.now() + HOUR_MS))).toBe(1);
    expect(await counted(() => store.checked(session.id, found))).toBe(1);
    expect(await counted(() => store.seen(new Map([[session.id, Date.now()]])))).toBe(0);
    expect(await counted(() => store.listActive())).toBe(0);
    expect(await counted(() => store.end(session.id, 'admin'))).toBe(1);
    expect(await counted(() => store.end('no uuid', 'admin'))).toBe(1);
  });

  test('are stored once, however often the same one is added', async () => {
    const session = await added({ name: 'once@example.com' });
    await store.add({ ...session, name: 'other@example.com' });
    expect((await store.find(session.id))?.name).toBe('once@example.com');
  });

  test('end once, by their owner or an administrator, and are then known as ended', async () => {
    const session = await added();
    const beforeMs = (await store.find(session.id))?.changedAtMs ?? 0;
    expect(await store.end(session.id, 'bob@example.com', 'bob@example.com')).toBeUndefined();
    expect((await store.find(session.id))?.isActive).toBe(true);
    expect(await store.end(session.id, 'admin')).toMatchObject({ id: session.id });
    expect(await store.end(session.id, 'admin')).toBeUndefined();
    expect((await store.find(session.id))?.isActive).toBe(false);
    const changed = await store.changedSince(beforeMs + 1);
    expect(changed.find(({ id }) => id === session.id)?.isActive).toBe(false);
    expect((await store.listActive()).map(({ id }) => id)).not.toContain(session.id);
    expect(await store.sealed(session.id)).toBeUndefined();
  });

  test('are not valid when their time is over, and are forgotten a day later', async () => {
    const over = await added({ endsAtMs: Date.now() - 1_000 });
    const old = await added({ endsAtMs: Date.now() - 25 * HOUR_MS });
    expect((await store.find(over.id))?.isActive).toBe(false);
    await store.forgetOld();
    expect(await store.find(over.id)).toBeDefined();
    expect(await store.find(old.id)).toBeUndefined();
  });

  test('of one name are limited: the oldest ends when there is one too many', async () => {
    const name = 'loop';
    const first = await added({ name, beganAtMs: Date.now() - HOUR_MS });
    await opened.database.query(
      `insert into sessions (id, name, way, ends_at) select gen_random_uuid(), $1, 'token', now() + interval '1 hour'
       from generate_series(2, $2::int)`,
      [name, SESSIONS_OF_NAME_MAX],
    );
    expect((await store.find(first.id))?.isActive).toBe(true);
    await added({ name });
    expect((await store.find(first.id))?.isActive).toBe(false);
    expect(await store.list(5_000, name)).toHaveLength(SESSIONS_OF_NAME_MAX);
  });

  test('are checked by one server at a time, and not before their time', async () => {
    const due = await added({ checkAtMs: Date.now() - 1, sealed: SEALED });
    const later = await added({ checkAtMs: Date.now() + HOUR_MS, sealed: SEALED });
    const untilMs = Date.now() + HOUR_MS;
    const claims = await Promise.all(Array.from({ length: 5 }, () => store.claimCheck(due.id, untilMs)));
    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
    expect(await store.claimCheck(later.id, untilMs)).toBeUndefined();
    await store.checked(due.id, { rights: { scopes: ['read'] }, checkAtMs: untilMs, sealed: undefined });
    expect(await store.find(due.id)).toMatchObject({ scopes: ['read'], checkAtMs: untilMs });
  });

  test('were last seen at the time that a server wrote, which never goes back', async () => {
    const session = await added({ name: 'seen@example.com' });
    const atMs = Date.now() + 60_000;
    await store.seen(new Map([[session.id, atMs]]));
    await store.seen(new Map([[session.id, atMs - 30_000]]));
    expect(await store.list(1, 'seen@example.com')).toMatchObject([{ seenAt: new Date(atMs).toISOString() }]);
  });

  test('of a person who signed out at the issuer are those of that session there, or all', async () => {
    const of = { name: 'issuer@example.com', subject: 'u-7' };
    const first = await added({ ...of, issuerSession: 's-1' });
    const second = await added({ ...of, issuerSession: 's-2' });
    const unknown = await added({ ...of, way: 'device' });
    await added({ subject: 'u-8', issuerSession: 's-3' });
    const ids = async (person: Parameters<SqlSessionStore['ofIssuer']>[0]) =>
      (await store.ofIssuer(person)).map(({ id }) => id).toSorted();
    expect(await ids({ sessionId: 's-1' })).toEqual([first.id]);
    expect(await ids({ subject: 'u-7', sessionId: 's-1' })).toEqual([first.id, unknown.id].toSorted());
    expect(await ids({ subject: 'u-7' })).toEqual([first.id, second.id, unknown.id].toSorted());
    await store.end(first.id, 'ada');
    expect(await ids({ sessionId: 's-1' })).toEqual([]);
  });

  test('are changed, checked and ended one by one', async () => {
    const name = 'one@example.com';
    const dueMs = Date.now() - 1;
    const [one, other] = [
      await added({ name, checkAtMs: dueMs, sealed: SEALED }),
      await added({ name, checkAtMs: dueMs, sealed: SEALED }),
    ];
    const untouched = await store.find(other.id);
    const untilMs = Date.now() + HOUR_MS;
    expect(await store.claimCheck(one.id, untilMs)).toBeDefined();
    await store.checked(one.id, { rights: { scopes: ['read'] }, checkAtMs: untilMs, sealed: undefined });
    await store.seen(new Map([[one.id, untilMs]]));
    await store.end(one.id, 'admin');
    expect(await store.find(other.id)).toEqual(untouched);
    expect(
      (await store.list(10, name)).map(({ id, seenAt }) => [id, seenAt === new Date(untilMs).toISOString()]),
    ).toEqual([[other.id, false]]);
    expect(await store.sealed(one.id)).toBeUndefined();
    expect(await store.changedSince(untilMs)).toEqual([]);
  });

  test('whose time is over are not listed, ended, checked or found at the issuer', async () => {
    const over = {
      name: 'over@example.com',
      subject: 'u-over',
      issuerSession: 's-over',
      endsAtMs: Date.now() - 1_000,
    };
    const { id } = await added({ ...over, checkAtMs: Date.now() - 1, sealed: SEALED });
    expect(await store.list(10, over.name)).toEqual([]);
    expect((await store.listActive()).map((one) => one.id)).not.toContain(id);
    expect(await store.ofIssuer({ subject: over.subject, sessionId: over.issuerSession })).toEqual([]);
    expect(await store.claimCheck(id, Date.now() + HOUR_MS)).toBeUndefined();
    expect(await store.end(id, 'admin')).toBeUndefined();
  });

  test('without what the issuer gave are not checked', async () => {
    const { id } = await added({ checkAtMs: Date.now() - 1 });
    expect(await store.claimCheck(id, Date.now() + HOUR_MS)).toBeUndefined();
  });

  test('of one name do not count for another, nor when they have ended', async () => {
    const [first, other] = [
      await added({ name: 'busy', beganAtMs: Date.now() - HOUR_MS }),
      await added({ name: 'quiet', beganAtMs: Date.now() - 2 * HOUR_MS }),
    ];
    await opened.database.query(
      `insert into sessions (id, name, way, ends_at, ended_at) select gen_random_uuid(), 'busy', 'token',
         now() + interval '1 hour', now() from generate_series(1, $1::int)`,
      [SESSIONS_OF_NAME_MAX],
    );
    await added({ name: 'busy' });
    for (const { id } of [first, other]) expect(await store.find(id)).toMatchObject({ isActive: true });
  });

  test('a token that is rotated is found by both secrets, and by the former one only during its grace', async () => {
    const tokens = new SqlTokenStore(opened.database);
    const id = randomUUID();
    const [one, two, three] = [hashOf('one'), hashOf('two'), hashOf('three')];
    const [deploymentId, tenantId, expiresAt] = [undefined, undefined, undefined];
    const scopes = ['read'] as const;
    await tokens.create({
      id,
      name: 'ci',
      hash: one,
      scopes,
      deploymentId,
      tenantId,
      createdBy: 'admin',
      expiresAt,
    });
    expect((await tokens.rotate(id, two, 3_600))?.shown.previousUntil).toBeDefined();
    expect((await tokens.findValid(one))?.id).toBe(id);
    expect((await tokens.findValid(two))?.id).toBe(id);
    expect((await tokens.rotate(id, three, 0))?.shown).not.toHaveProperty('previousUntil');
    expect(await tokens.findValid(one)).toBeUndefined();
    expect(await tokens.findValid(two)).toBeUndefined();
    expect(await tokens.findValid(three)).toMatchObject({ id, previousHash: two });
    await tokens.used(new Map([[id, Date.UTC(2030, 0)]]));
    await tokens.used(new Map([[id, Date.UTC(2029, 0)]]));
    expect(await tokens.list(1)).toMatchObject([{ lastUsedAt: '2030-01-01T00:00:00.000Z' }]);
    await tokens.revoke(id);
    expect(await tokens.rotate(id, one, 0)).toBeUndefined();
  });
});
