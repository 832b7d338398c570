import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AUDIT_MIGRATIONS } from '@launchlog/server/audit/audit-migrations';
import { SqlAuditStore } from '@launchlog/server/audit/sql-audit-store';
import { migrate } from '@launchlog/server/database/migrations';
import { auditQuerySchema } from '@launchlog/shared/audit';
import { DATABASE_KINDS } from '../support/node-databases.js';
import type { OpenDatabase } from '../support/node-databases.js';

const query = (given: object = {}) => auditQuerySchema.parse(given);

describe.each(Object.entries(DATABASE_KINDS))('the audit trail in %s', (_kind, open) => {
  let opened: OpenDatabase;
  let store: SqlAuditStore;
  beforeAll(async () => {
    opened = await open();
    await migrate(opened.database, AUDIT_MIGRATIONS);
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
  ])('is filtered by %j', async (filter, count) => {
    expect((await store.list(query(filter))).entries).toHaveLength(count);
  });

  test.each([
    "update audit_entries set actor = 'nobody'",
    'delete from audit_entries',
    'truncate audit_entries',
    'delete from audit_entries where false',
  ])('refuses: %s', async (statement) => {
    await expect(opened.database.query(statement, [])).rejects.toThrow('can only be appended to');
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
});
