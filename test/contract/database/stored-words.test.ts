import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SqlArchiveLedger } from '@launchlog/server/archive/sql-archive-ledger';
import { SqlAuditStore } from '@launchlog/server/audit/sql-audit-store';
import { SqlSessionStore } from '@launchlog/server/auth/session/sql-session-store';
import { SqlTokenStore } from '@launchlog/server/auth/sql-token-store';
import { SqlBudgetStore } from '@launchlog/server/budget/sql-budget-store';
import { openSharedLanes } from '@launchlog/server/database/shared-sql-lanes';
import type { SqlLanes } from '@launchlog/server/database/sql-lanes';
import { UnknownWords } from '@launchlog/server/database/unknown-words';
import { wordedLanes } from '@launchlog/server/database/worded-lanes';
import { SqlNodeEventStore } from '@launchlog/server/node/event/sql-node-event-store';
import { SqlNodeStore } from '@launchlog/server/node/sql-node-store';
import { SqlNotificationStore } from '@launchlog/server/notification/sql-notification-store';
import { SqlStrayStore } from '@launchlog/server/stray/sql-stray-store';
import { systemClock } from '@launchlog/server/clock';
import { DATABASE_KINDS } from '../../support/database/node-databases.js';
import type { OpenDatabase } from '../../support/database/node-databases.js';
import { newRule } from '../../support/sample/new-notification-rule.js';
import { insertNode } from '../../support/database/node-rows.js';

const WORD = 'a-word-of-the-future';
let opened: OpenDatabase;
let lanes: SqlLanes;
let found: string[] = [];
let node: string;

/** How a newer release writes the word, the reads that meet it, and where it is reported. */
const STORED: Readonly<
  Record<string, { write: string; read: () => Promise<unknown>; reported: string; isShown?: false }>
> = {
  'the event of a rule': {
    write: `update notification_rules set events = events || '"${WORD}"'`,
    read: () => new SqlNotificationStore(lanes.own, lanes.scans).listRules(),
    reported: 'notification_rules.events',
  },
  'the kind of a target': {
    write: `update notification_rules set target_kind = '${WORD}', target_view = '{}'`,
    read: () => new SqlNotificationStore(lanes.own, lanes.scans).listRules(),
    reported: 'notification_rules.targetKind',
  },
  'the event of a delivery': {
    write: `update notification_deliveries set event = '${WORD}'`,
    read: () => new SqlNotificationStore(lanes.own, lanes.scans).listDeliveries({ limit: 9 }),
    reported: 'notification_deliveries.event',
  },
  'the status of a delivery': {
    write: `update notification_deliveries set status = '${WORD}'`,
    read: () => new SqlNotificationStore(lanes.own, lanes.scans).listDeliveries({ limit: 9 }),
    reported: 'notification_deliveries.status',
  },
  'the level of a budget': {
    write: `update budgets set level = '${WORD}'`,
    read: () => new SqlBudgetStore(lanes.own).list(),
    reported: 'budgets.level',
  },
  'the scope of a token, which gives no right here': {
    write: `update access_tokens set scopes = '["read", "${WORD}"]'`,
    read: () => new SqlTokenStore(lanes.own).list(9),
    reported: 'access_tokens.scopes',
    isShown: false,
  },
  'the way of a session': {
    write: `update sessions set way = '${WORD}'`,
    read: () => new SqlSessionStore(lanes.own).listActive(),
    reported: 'sessions.way',
  },
  'the action of the trail': {
    write: `insert into audit_entries (action, outcome, actor, address) values ('${WORD}', 'ok', 'me', '::1')`,
    read: () => new SqlAuditStore(lanes.own, lanes.scans).list({ limit: 9 }),
    reported: 'audit_entries.action',
  },
  'the outcome of the trail': {
    write: `insert into audit_entries (action, outcome, actor, address) values ('node.launch', '${WORD}', 'me', '::1')`,
    read: () => new SqlAuditStore(lanes.own, lanes.scans).list({ limit: 9 }),
    reported: 'audit_entries.outcome',
  },
  'the kind of a stray': {
    write: `update strays set kind = '${WORD}'`,
    read: () => new SqlStrayStore(lanes.own).list(),
    reported: 'strays.kind',
  },
  'the beginning of an archive, which counts as lost': {
    write: `update log_archives set began = '${WORD}'`,
    read: () => new SqlArchiveLedger(lanes.own).find(node),
    reported: 'log_archives.began',
    isShown: false,
  },
  'the kind of an event': {
    write: `insert into node_events (node_id, epoch, seq, kind) select node_id, epoch, seq + 1, '${WORD}' from node_events`,
    read: () => new SqlNodeEventStore(lanes.reads).read(node, 0, 9),
    reported: 'node_events.kind',
  },
  'the provider of a node': {
    write: `update nodes set provider = '${WORD}'`,
    read: () => new SqlNodeStore({ database: lanes.own, reads: lanes.reads, clock: systemClock }).find(node),
    reported: 'nodes.provider',
  },
};

beforeAll(async () => {
  const open = DATABASE_KINDS['PGlite'];
  if (open === undefined) throw new Error('no embedded database');
  opened = await open();
  const { database } = opened;
  // A newer release may have other checks.
  const checks = await database.query(
    `select format('alter table %s drop constraint %I', conrelid::regclass, conname) from pg_constraint
     where contype = 'c' and connamespace = 'public'::regnamespace`,
    [],
  );
  await database.script(checks.flat().join(';\n'));
  const words = new UnknownWords(({ table, field, word }) => found.push(`${table}.${field} ${word}`));
  lanes = wordedLanes(openSharedLanes(database), words);
  node = await insertNode(database);
  const rule = newRule();
  await new SqlNotificationStore(database).createRule(rule);
  const [id, hash] = [randomUUID(), randomUUID()];
  await database.script(`
    insert into notification_deliveries (id, rule_id, node_id, event) values ('${id}', '${rule.id}', '${node}', 'launch.active');
    insert into budgets (id, name, tenant_id, max_hourly_cost, created_by) values ('${id}', 'b', 'acme', 1, 'me');
    insert into access_tokens (id, name, hash, scopes, created_by) values ('${id}', 't', '${hash}', '["read"]', 'me');
    insert into sessions (id, name, way, ends_at) values ('${id}', 's', 'sso', now() + interval '1 hour');
    insert into strays (cluster_name, kind, looks) values ('cic-1', 'foreign', 2);
    insert into log_archives (node_id, status, name, epoch, first_seq, last_seq, closed, began, bytes, sha256)
      values ('${node}', 'archived', 'n', 'e', 1, 2, true, 'new', 3, 's');`);
});
afterAll(() => opened.stop());

test.each(Object.entries(STORED))('%s is read as it is, and reported once', async (name, stored) => {
  found = [];
  const word = `${WORD}-${Object.keys(STORED).indexOf(name)}`;
  await lanes.own.script(
    `set local session_replication_role = replica; ${stored.write.replaceAll(WORD, word)}`,
  );
  for (let count = 0; count < 2; count += 1) {
    expect(JSON.stringify(await stored.read()).includes(word)).toBe(stored.isShown !== false);
  }
  expect(found).toEqual([`${stored.reported} ${word}`]);
});
