import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { migrate } from '@launchlog/server/database/migrations';
import { NODE_MIGRATIONS } from '@launchlog/server/node/node-migrations';
import { SqlNodeStore } from '@launchlog/server/node/sql-node-store';
import { systemClock } from '@launchlog/server/clock';
import { launchRequest, newNode } from '../../support/sample/new-node.js';
import { EMPTY_DATABASE_KINDS } from '../../support/database/node-databases.js';

interface ReleasedStatement {
  readonly call: string;
  readonly text: string;
  readonly parameters: readonly unknown[];
}
const statements = JSON.parse(
  readFileSync(
    fileURLToPath(new URL('../../fixtures/released-0.1.0/node-statements.json', import.meta.url)),
    'utf8',
  ),
) as readonly ReleasedStatement[];
const NODE = '0a000000-0000-4000-8000-0000000000aa';
/** The columns of the table in 0.1.0; each of its statements on one node returns them all. */
const RELEASED_COLUMNS = 47;
const released = NODE_MIGRATIONS.filter(({ additive }) => additive !== true);

test.each(Object.entries(EMPTY_DATABASE_KINDS))(
  'servers of 0.1.0 create, claim, renew, change, end and terminate nodes on the migrated table: %s',
  async (_, open) => {
    const { database, stop } = await open();
    try {
      // The database of 0.1.0, which this version then migrates.
      await migrate(database, released);
      await migrate(database, NODE_MIGRATIONS);
      expect(statements.map(({ call }) => call)).toEqual([
        'create',
        'find',
        'claim',
        'renew',
        'save',
        'end',
        'requestTermination',
      ]);
      for (const { call, text, parameters } of statements) {
        const rows = await database.query(text, parameters);
        expect([call, rows.length, rows[0]?.length]).toEqual([call, 1, RELEASED_COLUMNS]);
      }
      const found = await new SqlNodeStore({ database, clock: systemClock }).find(NODE);
      expect(found?.node).toMatchObject({ status: 'terminating', failureMessage: 'No quota.' });
      // What it knows of a lost node is final, and it neither claims nor terminates it.
      await database.query(
        "update nodes set status = 'terminated', loss_reason = 'preempted', lease_until = null where id = $1",
        [NODE],
      );
      for (const { call, text, parameters } of statements) {
        if (call !== 'claim' && call !== 'requestTermination') continue;
        expect([call, await database.query(text, parameters)]).toEqual([call, []]);
      }
      // It leaves a launch alone that it would launch as another one, with a key or without.
      const claim = statements.find(({ call }) => call === 'claim');
      const store = new SqlNodeStore({ database, clock: systemClock });
      const request = launchRequest({ taskYaml: 'run: x' });
      const texts = (claim?.parameters ?? []).filter((one) => typeof one === 'string');
      const keyId = texts.find((one) => /^[0-9a-f]{16}$/.test(one)) ?? 'k';
      await store.create(newNode({ request, orchestrator: 'skypilot-api' }));
      await store.create(newNode({ request, orchestrator: 'simulated' }));
      await store.create(newNode({ request, sealedSecrets: { keyId, bytes: new Uint8Array([1]) } }));
      expect(await database.query(claim?.text ?? '', claim?.parameters ?? [])).toEqual([]);
      // 0.1.0 starts again: it knows every migration in the table that it reads, and has nothing to do.
      await expect(migrate(database, released)).resolves.toBeUndefined();
    } finally {
      await stop();
    }
  },
);
