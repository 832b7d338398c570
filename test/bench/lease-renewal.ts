import { systemClock } from '@launchlog/server/clock';
import { PgSqlDatabase } from '@launchlog/server/database/pg-sql-database';
import { SqlLeaseStore } from '@launchlog/server/node/sql-lease-store';
import { seedLaunches } from './launch-rows.js';
import { percentile, rounded } from './statistics.js';

const ROUNDS = 5;
const LEASE_MS = 3_600_000;

/** Milliseconds to renew this number of leases at once, as the heartbeat of a server does. The median of some rounds. */
export async function measureRenewal(databaseUrl: string, leases: number): Promise<number> {
  const nodeIds = await seedLaunches(databaseUrl, leases);
  const database = new PgSqlDatabase({ url: databaseUrl });
  try {
    await database.query(
      `update nodes set lease_owner = 'bench', attempt = 1, lease_until = now() + interval '1 hour'
       where id in (select value::uuid from jsonb_array_elements_text($1::jsonb))`,
      [JSON.stringify(nodeIds)],
    );
    await database.query('analyze nodes', []);
    const store = new SqlLeaseStore({ database, clock: systemClock });
    const held = nodeIds.map((nodeId) => ({ nodeId, attempt: 1 }));
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const start = performance.now();
      const renewed = await store.renew(held, LEASE_MS);
      times.push(performance.now() - start);
      if (renewed.length !== leases) throw new Error(`${renewed.length} of ${leases} leases were renewed`);
    }
    return rounded(percentile(times, 50));
  } finally {
    await database.close();
  }
}
