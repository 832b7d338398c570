import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SqlLaunchMetrics } from '@launchlog/server/metrics/sql-launch-metrics';
import { insertPastLaunches } from '../../support/database/metric-launches.js';
import type { OpenDatabase } from '../../support/database/node-databases.js';
import { DATABASE_KINDS } from '../../support/database/node-databases.js';

describe.each(Object.entries(DATABASE_KINDS))('usual phases on %s', (_, open) => {
  let opened: OpenDatabase;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.stop());
  beforeEach(() => opened.database.script('truncate nodes'));

  const phases = () => new SqlLaunchMetrics(opened.database, {}).phases({ provider: 'aws', gpu: 'A100' });
  const QUEUED = { launches: 1, phases: [{ phase: 'queued', samples: 1, average: 2, p50: 2, p95: 2 }] };

  it('are of launches that have ended, and of phases of this release', async () => {
    await insertPastLaunches(opened.database, [
      { phaseSeconds: { queued: 2, warming_up: 9 } as object },
      { phaseSeconds: { queued: 900 }, running: true },
      { phaseSeconds: { queued: 900 }, failureReason: 'quota' },
    ]);
    expect(await phases()).toEqual(QUEUED);
  });

  it.each([`'[1]'`, `'"queued"'`, `'{"queued":"long"}'`, `'{"queued":{"a":1}}'`, `'{"queued":1e400}'`])(
    'leave out a launch whose seconds are %s',
    async (seconds) => {
      await insertPastLaunches(opened.database, [{ phaseSeconds: { queued: 2 } }]);
      await insertPastLaunches(opened.database, [{ phaseSeconds: { queued: 900 } }]);
      await opened.database.script(
        `set local session_replication_role = replica;
         update nodes set phase_seconds = ${seconds} where phase_seconds->>'queued' = '900'`,
      );
      expect(await phases()).toEqual(QUEUED);
    },
  );
});
