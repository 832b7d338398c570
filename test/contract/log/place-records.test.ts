import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SqlPlaceRecords } from '@launchlog/server/estimate/sql-place-records';
import type { NodeOwner } from '@launchlog/server/node-owner';
import type { LaunchAttempt } from '@launchlog/shared/node';
import type { PastLaunch } from '../../support/database/metric-launches.js';
import { insertPastLaunches } from '../../support/database/metric-launches.js';
import type { OpenDatabase } from '../../support/database/node-databases.js';
import { DATABASE_KINDS } from '../../support/database/node-databases.js';

const won = (region: string): LaunchAttempt => ({ cloud: 'AWS', region, outcome: 'won' });
const refused = (region: string, zone?: string): LaunchAttempt => ({
  cloud: 'AWS',
  region,
  ...(zone !== undefined && { zone }),
  outcome: 'failed',
  reason: 'no_capacity',
});
const WEST = { cloud: 'AWS', region: 'us-west-2', gpu: 'A100', spot: true };

describe.each(Object.entries(DATABASE_KINDS))('records of places on %s', (_, open) => {
  let fixture: OpenDatabase;
  beforeAll(async () => {
    fixture = await open();
  });
  afterAll(() => fixture.stop());
  beforeEach(() => fixture.database.script('truncate nodes'));

  async function past(count: number, attempts: readonly LaunchAttempt[], launch: PastLaunch = {}) {
    const phaseSeconds = launch.phaseSeconds ?? {
      queued: 50,
      provisioning: 60,
      instance_ready: 30,
      installing: 210,
    };
    const each = { phaseSeconds, ...launch };
    await fixture.database.script("update nodes set created_by = 'before'");
    await insertPastLaunches(
      fixture.database,
      Array.from({ length: count }, () => each),
    );
    await fixture.database.query("update nodes set attempts = $1::jsonb where created_by = 'test'", [
      JSON.stringify(attempts),
    ]);
  }
  const records = async (place: Partial<typeof WEST> = {}, owner: NodeOwner = {}) => {
    const [history] = await new SqlPlaceRecords(fixture.database).of([{ ...WEST, ...place }], {
      orchestrator: 'skypilot-api',
      owner,
    });
    return history;
  };

  it('say how many launches ended there, how many became active, how long that took, and why others failed', async () => {
    await past(3, [won('us-west-2')]);
    await past(1, [won('us-west-2')], { phaseSeconds: { queued: 9, provisioning: 100, installing: 900 } });
    await past(1, [won('us-west-2')], { failureReason: 'setup_failed' });
    await past(4, [won('us-west-2')], { failureReason: 'model_load_failed' });
    await past(7, [won('us-west-2')], { failureReason: 'cancelled' });
    expect(await records()).toEqual({
      record: {
        scope: 'region',
        launches: 9,
        rate: 4 / 9,
        median: 300,
        p95: 895,
        failure: 'model_load_failed',
      },
      paidSeconds: 240,
    });
  });

  it('count an offer that was refused at its own region, once for all of its zones', async () => {
    await past(5, [refused('us-west-2', 'us-west-2a'), refused('us-west-2', 'us-west-2b'), won('us-east-1')]);
    const west = await records();
    expect(west?.record).toEqual({ scope: 'region', launches: 5, rate: 0, failure: 'no_capacity' });
    expect(west?.paidSeconds).toBeUndefined();
    expect((await records({ region: 'us-east-1' }))?.record).toMatchObject({ launches: 5, rate: 1 });
  });

  it('widen to the provider where the region has too few, and name that scope', async () => {
    await past(2, [won('us-west-2')]);
    await past(6, [won('us-east-1')], { failureReason: 'quota' });
    expect((await records())?.record).toMatchObject({ scope: 'provider', launches: 8, rate: 0.25 });
    expect((await records({ region: 'eu-west-1' }))?.record).toMatchObject({
      scope: 'provider',
      launches: 8,
    });
  });

  it('are empty for another GPU, for the other kind of machine, and for other owners', async () => {
    await past(6, [won('us-west-2')], { request: { tenantId: 'acme', deploymentId: 'chat' } });
    const none = { record: { scope: 'region', launches: 0 }, paidSeconds: undefined };
    expect(await records({ gpu: 'H100' })).toEqual(none);
    expect(await records({ spot: false })).toEqual(none);
    expect(await records({ cloud: 'Lambda' })).toEqual(none);
    expect(await records({}, { tenantId: 'other' })).toEqual(none);
    expect(await records({}, { tenantId: 'acme', deploymentId: 'mail' })).toEqual(none);
    expect((await records({}, { tenantId: 'acme' }))?.record.launches).toBe(6);
    expect((await records({}, { deploymentId: 'chat' }))?.record.launches).toBe(6);
  });

  it('survive rows that another program wrote', async () => {
    await past(1, [won('us-west-2')]);
    await fixture.database.script(`update nodes set attempts = '{"a": 1}'`);
    expect((await records())?.record.launches).toBe(1);
    for (const seconds of ['"long"', '1e400']) {
      await fixture.database.script(`update nodes set phase_seconds = '{"installing": ${seconds}}'`);
      expect((await records())?.record.launches).toBe(0);
    }
  });
});
