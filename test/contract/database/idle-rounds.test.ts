import { expect, test } from 'vitest';
import { SqlArchiveLedger } from '@launchlog/server/archive/sql-archive-ledger';
import type { SqlDatabase } from '@launchlog/server/database/sql-database';
import { SqlLeaseStore } from '@launchlog/server/node/sql-lease-store';
import { SqlNotificationStore } from '@launchlog/server/notification/sql-notification-store';
import { SqlTelemetryLedger } from '@launchlog/server/telemetry/sql-telemetry-ledger';
import { LookBack } from '@launchlog/server/wait/look-back';
import { insertEndedNodes } from '../../support/database/ended-nodes.js';
import { DATABASE_KINDS } from '../../support/database/node-databases.js';
import { CLAIM } from '../../support/database/node-registry.js';
import { insertNode } from '../../support/database/node-rows.js';
import { ExplainingDatabase } from '../../support/database/touched-rows.js';
import { FakeClock } from '../../support/fake/fake-clock.js';
import { newRule } from '../../support/sample/new-notification-rule.js';

const DAY_MS = 86_400_000;
const FEW = 100;
const MANY = 2_000;
const LEASE_MS = 60_000;

/** What the loops ask in a round in which nothing has happened, by loop. */
function rounds(database: SqlDatabase, withinMs: number) {
  const archives = new SqlArchiveLedger(database);
  const telemetry = new SqlTelemetryLedger(database);
  const outbox = new SqlNotificationStore(database);
  const leases = new SqlLeaseStore({ database, clock: new FakeClock() });
  return {
    launches: [() => leases.look(CLAIM), () => leases.claimQueued({ ...CLAIM, maxRunning: 0 })],
    archives: [() => archives.fill(withinMs), () => archives.claim(LEASE_MS), () => archives.backlog()],
    telemetry: [
      () => telemetry.fill(withinMs),
      () => telemetry.claim(200, LEASE_MS),
      () => telemetry.backlog(),
    ],
    notifications: [
      () => outbox.look(),
      () => outbox.fill(withinMs),
      () => outbox.claim({ leaseMs: LEASE_MS, exceptRules: [], exceptHosts: [] }),
    ],
  };
}

async function touchedRows(database: SqlDatabase, withinMs: number): Promise<Record<string, number>> {
  const touched: Record<string, number> = {};
  const explaining = new ExplainingDatabase(database);
  for (const [loop, statements] of Object.entries(rounds(explaining, withinMs))) {
    explaining.touched = 0;
    for (const statement of statements) await statement();
    touched[loop] = explaining.touched;
  }
  return touched;
}

test.each(Object.entries(DATABASE_KINDS))(
  'a round without anything new looks at no more rows of %s with 2,000 old nodes than with 100',
  async (_, open) => {
    const { database, stop } = await open();
    try {
      await new SqlNotificationStore(database).createRule(newRule());
      const lookBack = new LookBack({ clock: new FakeClock(), wholeMs: DAY_MS });
      lookBack.begin().succeeded();
      const withinMs = lookBack.begin().parts[0]?.sinceMs ?? NaN;
      await insertNode(database);
      await database.script(`insert into tenant_turns (tenant, served_at) values ('', now())`);
      await insertEndedNodes(database, FEW);
      const few = await touchedRows(database, withinMs);
      await insertEndedNodes(database, MANY - FEW);
      const many = await touchedRows(database, withinMs);
      // A table as small as that of the few may be read as a whole.
      for (const [loop, touched] of Object.entries(many)) {
        expect(touched, loop).toBeLessThanOrEqual(few[loop] ?? 0);
      }
      // It is the look back that makes the difference, and the counting notices it.
      expect((await touchedRows(database, DAY_MS))['archives']).toBeGreaterThan(MANY);
    } finally {
      await stop();
    }
  },
);

const QUEUED = 600;
/** How often a claim may look at one launch of the queue: to find, number, sort, filter and join it. */
const LOOKS_MAX = 40;

test.each(Object.entries(DATABASE_KINDS))(
  'a claim looks at each launch of a queue in %s a few times, although the planner knows nothing of the new rows',
  async (_, open) => {
    const { database, stop } = await open();
    try {
      await insertNode(database);
      await database.script(`
        insert into nodes select (jsonb_populate_record(n, jsonb_build_object('id', gen_random_uuid(), 'cluster_name', 'cic-' || g))).*
          from nodes n, generate_series(2, ${QUEUED}) g;
        update nodes set slot = 1 where id = (select id from nodes limit 1);
        insert into tenant_turns (tenant, served_at) values ('one', now()), ('other', now());`);
      const explaining = new ExplainingDatabase(database);
      const leases = new SqlLeaseStore({ database: explaining, clock: new FakeClock() });
      for (const claim of [leases.claim.bind(leases), leases.claimQueued.bind(leases)]) {
        explaining.touched = 0;
        await claim({ ...CLAIM, maxRunning: 1 });
        expect(explaining.touched).toBeGreaterThan(QUEUED);
        expect(explaining.touched).toBeLessThan(LOOKS_MAX * QUEUED);
      }
    } finally {
      await stop();
    }
  },
);
