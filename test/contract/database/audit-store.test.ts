import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AUDIT_MIGRATIONS } from '@launchlog/server/audit/audit-migrations';
import { SqlAuditStore } from '@launchlog/server/audit/sql-audit-store';
import { migrate } from '@launchlog/server/database/migrations';
import { auditQuerySchema } from '@launchlog/shared/audit';
import { TOKEN_MIGRATIONS } from '@launchlog/server/auth/token-migrations';
import { PgSqlDatabase } from '@launchlog/server/database/pg-sql-database';
import { DATABASE_KINDS } from '../../support/database/node-databases.js';
import type { OpenDatabase } from '../../support/database/node-databases.js';
import { PostgresServer } from '../../support/backing-service/postgres-server.js';

const query = (given: object = {}) => auditQuerySchema.parse(given);

describe.each(Object.entries(DATABASE_KINDS))('the audit trail in %s', (_kind, open) => {
  let opened: OpenDatabase;
  let store: SqlAuditStore;
  beforeAll(async () => {
    opened = await open();
    store = new SqlAuditStore(opened.database);
    for (let number = 1; number <= 5; number += 1) {
      await store.append({
        action: number % 2 === 0 ? 'node.cancel' : 'node.launch',
        outcome: number === 5 ? 'refused' : 'ok',
        actor: `robot-${number}`,
        tokenId: randomUUID(),
        address: '192.0.2.1',
        target: 'node-1',
        ...(number === 5 ? { code: 'rate_limited' } : {}),
      });
    }
  });
  afterAll(() => opened.stop());

  test('is read newest first, page by page', async () => {
    const first = await store.list(query({ limit: 3 }));
    expect(first.entries.map(({ actor }) => actor)).toEqual(['robot-5', 'robot-4', 'robot-3']);
    const second = await store.list(query({ limit: 3, cursor: first.nextCursor }));
    expect(second.entries.map(({ actor }) => actor)).toEqual(['robot-2', 'robot-1']);
    expect(second.nextCursor).toBeUndefined();
    expect(first.entries[0]).toMatchObject({
      outcome: 'refused',
      code: 'rate_limited',
      address: '192.0.2.1',
    });
  });

  test.each([
    [{ action: ['node.cancel'] }, 2],
    [{ actor: 'robot-3' }, 1],
    [{ outcome: ['refused', 'failed'] }, 1],
    [{ target: 'node-1' }, 5],
    [{ target: "node-1' or '1'='1" }, 0],
    [{ since: '2100-01-01T00:00:00Z' }, 0],
    [{ until: '2100-01-01T00:00:00+05:30' }, 5],
    [{ until: '2001-01-01T00:00:00Z' }, 0],
  ])('is filtered by %j', async (filter, count) => {
    expect((await store.list(query(filter))).entries).toHaveLength(count);
  });

  test('holds nothing since a time that has not come', async () => {
    const since = new Date(Date.now() + 30 * 60_000).toISOString();
    expect((await store.list(query({ since }))).entries).toEqual([]);
  });

  test('is read oldest first, slice by slice, with the same filters', async () => {
    const first = await store.slice(query(), { afterId: 0, most: 3 });
    expect(first.map(({ actor }) => actor)).toEqual(['robot-1', 'robot-2', 'robot-3']);
    const rest = await store.slice(query(), { afterId: first.at(-1)?.id ?? 0, most: 3 });
    expect(rest.map(({ actor }) => actor)).toEqual(['robot-4', 'robot-5']);
    const cancelled = await store.slice(query({ action: ['node.cancel'] }), { afterId: 0, most: 9 });
    expect(cancelled.map(({ actor }) => actor)).toEqual(['robot-2', 'robot-4']);
  });

  test.each([
    "update audit_entries set actor = 'nobody'",
    "update audit_entries set times = times + 1, actor = 'nobody', last_at = now()",
    'update audit_entries set times = times - 1, last_at = now()',
    'update audit_entries set times = times + 1',
    "update audit_entries set times = times + 1, last_at = at - interval '1 minute'",
    "set launchlog.audit_expires = 'on'; delete from audit_entries",
    "set launchlog.audit_expires = 'on'; truncate audit_entries",
    'delete from audit_entries',
    'truncate audit_entries',
    'delete from audit_entries where false',
  ])('refuses: %s', async (statement) => {
    await expect(opened.database.script(statement)).rejects.toThrow('can only be appended to');
    expect((await store.list(query())).entries).toHaveLength(5);
  });

  test('accepts text that the database cannot hold', async () => {
    await store.append({
      action: 'node.cancel',
      outcome: 'refused',
      address: 'unknown',
      target: 'a\0b\ud800',
    });
    expect((await store.list(query({ limit: 1 }))).entries[0]?.target).toContain('a');
  });

  test('shows an action of a newer release as it is', async () => {
    await opened.database.query(
      "insert into audit_entries (action, outcome, address) values ('node.hibernate', 'ok', '192.0.2.1')",
      [],
    );
    const [entry] = (await store.list(query({ limit: 1 }))).entries;
    expect(entry).toMatchObject({ action: 'node.hibernate', outcome: 'ok' });
    expect((await store.list(query())).entries.length).toBeGreaterThan(5);
  });

  test('counts what is repeated in its row, which then belongs to the time until the last repetition', async () => {
    const id = await store.append({ action: 'node.cancel', outcome: 'refused', address: '192.0.2.7' });
    await store.repeat(id, 3);
    await store.repeat(id, 1_190);
    const found = (await store.list(query())).entries.find((entry) => entry.id === id);
    expect(found).toMatchObject({ count: 1_194 });
    expect(Date.parse(found?.lastAt ?? '')).toBeGreaterThanOrEqual(Date.parse(found?.at ?? ''));
    const since = (await store.list(query({ since: found?.lastAt }))).entries;
    expect(since.map((entry) => entry.id)).toContain(id);
    const once = (await store.list(query({ actor: 'robot-1' }))).entries[0];
    expect(once).not.toHaveProperty('count');
    expect(once).not.toHaveProperty('lastAt');
  });

  test('refuses to count in a row of more than an hour ago', async () => {
    const id = await insertAt(`now() - interval '61 minutes'`, 'older');
    await expect(store.repeat(id, 1)).rejects.toThrow('can only be appended to');
  });

  test('loses what is older than asked, a number of entries at a time, and never the last day', async () => {
    for (const age of ['40 days', '35 days', '31 days', '20 days', '3 hours']) {
      await insertAt(`now() - interval '${age}'`, 'aged');
    }
    const left = async () => (await store.list(query({ actor: 'aged' }))).entries.length;
    expect(await store.expire(30, 2)).toBe(2);
    expect(await left()).toBe(3);
    expect(await store.expire(30, 2)).toBe(1);
    expect(await store.expire(30, 2)).toBe(0);
    expect(await store.expire(0, 100)).toBe(1);
    expect(await left()).toBe(1);
    expect((await store.list(query({ actor: 'robot-1' }))).entries).toHaveLength(1);
    await expect(opened.database.query('delete from audit_entries', [])).rejects.toThrow('appended');
  });

  test('is written, counted and read by a role that may only insert and select, and that removes nothing', async () => {
    await opened.database.script(
      'create role plain_writer; grant select, insert on audit_entries to plain_writer',
    );
    const as = (statement: string) => opened.database.script(`set local role plain_writer; ${statement}`);
    await as(`insert into audit_entries (action, outcome, actor, address) values ('node.cancel', 'ok', 'plain', 'x');
      select audit_entries_repeat(max(id), 2) from audit_entries`);
    expect((await store.list(query({ actor: 'plain' }))).entries).toMatchObject([{ count: 3 }]);
    for (const statement of [
      "select audit_entries_expire(now() - interval '30 days', 10)",
      "set launchlog.audit_expires = 'on'; delete from audit_entries where at < now() - interval '30 days'",
      'update audit_entries set times = times + 1, last_at = now()',
    ]) {
      await expect(as(statement)).rejects.toThrow('permission denied');
    }
  });

  async function insertAt(at: string, actor: string): Promise<number> {
    const [row] = await opened.database.query(
      `insert into audit_entries (at, action, outcome, address, actor)
       values (${at}, 'node.launch', 'ok', '192.0.2.1', $1) returning id::float8`,
      [actor],
    );
    return Number(row?.[0]);
  }
});

test('the trail is created, counted and shortened by a role that is no superuser, as managed databases give one', async () => {
  const server = await PostgresServer.start();
  await server.query(
    'create role app login; alter database postgres owner to app; grant all on schema public to app',
  );
  const url = new URL(server.url);
  url.username = 'app';
  const database = new PgSqlDatabase({ url: url.href });
  try {
    await migrate(database, [...TOKEN_MIGRATIONS, ...AUDIT_MIGRATIONS]);
    const store = new SqlAuditStore(database);
    const id = await store.append({ action: 'node.cancel', outcome: 'refused', address: 'x' });
    await store.repeat(id, 1);
    await database.query(
      "insert into audit_entries (at, action, outcome, address) values (now() - interval '9 days', 'a', 'ok', 'x')",
      [],
    );
    expect(await store.expire(7, 10)).toBe(1);
    expect((await store.list(query())).entries).toMatchObject([{ id, count: 2 }]);
    await expect(database.query('delete from audit_entries', [])).rejects.toThrow('can only be appended to');
  } finally {
    await database.close();
    await server.stop();
  }
});
