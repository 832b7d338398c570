import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MIGRATIONS } from '@launchlog/server/app/all-migrations';
import { systemClock } from '@launchlog/server/clock';
import { migrate } from '@launchlog/server/database/migrations';
import { PgSqlDatabase } from '@launchlog/server/database/pg-sql-database';
import { SqlLeaseStore } from '@launchlog/server/node/sql-lease-store';
import { SqlNodeStore } from '@launchlog/server/node/sql-node-store';
import { PostgresServer } from '../../support/backing-service/postgres-server.js';
import { CLAIM } from '../../support/database/node-registry.js';
import { newNode } from '../../support/sample/new-node.js';

const SERVERS = 8;
const LAUNCHES = 160;

describe('many servers that look for free slots at once', () => {
  let postgres: PostgresServer;
  let databases: PgSqlDatabase[] = [];

  beforeAll(async () => {
    postgres = await PostgresServer.start();
    databases = Array.from({ length: SERVERS }, () => new PgSqlDatabase({ url: postgres.url }));
    await migrate(databases[0]!, MIGRATIONS);
  });
  afterAll(async () => {
    await Promise.all(databases.map((database) => database.close()));
    await postgres.stop();
  });

  it('take every launch once, and none gives up because the others were faster', async () => {
    const nodes = new SqlNodeStore({ database: databases[0]!, clock: systemClock });
    for (let index = 0; index < LAUNCHES; index += 1) await nodes.create(newNode());
    const taken = await Promise.all(
      databases.map(async (database, index) => {
        const leases = new SqlLeaseStore({ database, clock: systemClock });
        const ids: string[] = [];
        for (;;) {
          const job = await leases.claim({ ...CLAIM, owner: `server-${index}`, maxRunning: 10_000 });
          if (job === undefined) return ids;
          ids.push(job.lease.nodeId);
        }
      }),
    );
    expect(new Set(taken.flat()).size).toBe(LAUNCHES);
    expect(taken.flat()).toHaveLength(LAUNCHES);
  });
});
