import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PostgresServer } from '../support/backing-service/postgres-server.js';
import { FaultRig, faultScale, recordRun, WAITING } from '../support/fault/fault-rig.js';
import { buildWorkspaces } from '../support/package/built-workspaces.js';
import { within } from '../support/within.js';

const READERS = faultScale(500);

describe('when servers fail under hundreds of readers', () => {
  const cleanups: (() => Promise<void>)[] = [];
  beforeAll(buildWorkspaces);
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  async function startRig(environment: Readonly<Record<string, string>>): Promise<FaultRig> {
    const rig = await FaultRig.start({ environment });
    cleanups.push(() => rig.close());
    return rig;
  }

  async function startPostgres(): Promise<PostgresServer> {
    const postgres = await PostgresServer.start();
    cleanups.push(() => postgres.stop());
    return postgres;
  }

  it('a launch continues through SIGKILL and SIGTERM, and every reader gets each of its lines once', async () => {
    const rig = await startRig({ SIMULATOR_SPEED: '40' });
    const nodeId = await rig.launch();
    const fleet = rig.fleet(READERS, nodeId);
    await fleet.until(({ delivered }) => delivered >= 10);
    await rig.app.down('SIGKILL');
    await rig.app.up();
    await fleet.advance();
    /** A server that is not done in time ends itself with another code. */
    expect(await within('the stop', rig.app.down('SIGTERM'))).toBe(0);
    await rig.app.up();
    await fleet.until(({ done }) => done);
    const page = (await (await rig.app.fetch(`/admin/nodes/${nodeId}/logs?tail=10000`)).json()) as {
      logs: { seq: number; phase: string }[];
    };
    const { sum } = fleet;
    recordRun('server SIGKILL and SIGTERM in mid-launch', page.logs.length, sum);
    expect(sum).toMatchObject({ lost: 0, repeated: 0, unannounced: 0, resets: 0, done: READERS });
    expect(sum.delivered).toBe(page.logs.length * READERS);
    expect(page.logs.filter(({ phase }) => phase === 'active' || phase === 'failed')).toHaveLength(1);
  });

  it('readers move between two servers in mid-stream, and one of them dies', async () => {
    const postgres = await startPostgres();
    const rig = await startRig({ ...WAITING, DATABASE_URL: postgres.url });
    await rig.addServer();
    await rig.launch();
    const log = await rig.openLog();
    const fleet = rig.fleet(READERS, log.nodeId);
    await log.trickle(50);
    await fleet.until(({ delivered }) => delivered >= 50);
    for (let round = 0; round < 2; round += 1) {
      await log.trickle(50);
      fleet.cut();
      await log.trickle(50);
      await fleet.until(({ connects }) => connects >= round + 2);
    }
    await rig.servers[1]?.down('SIGKILL');
    await log.trickle(50);
    log.finish();
    await fleet.until(({ done }) => done);
    const { sum } = fleet;
    recordRun('readers move between two servers, one SIGKILL', log.written, sum);
    expect(sum).toMatchObject({ lost: 0, repeated: 0, unannounced: 0, resets: 0, done: READERS });
  });

  it('streams continue while PostgreSQL is away', async () => {
    const postgres = await startPostgres();
    const rig = await startRig({ ...WAITING, DATABASE_URL: postgres.url });
    await rig.launch();
    const log = await rig.openLog();
    const fleet = rig.fleet(READERS, log.nodeId);
    await log.trickle(50);
    await fleet.until(({ delivered }) => delivered >= 50);
    await postgres.pause();
    await log.trickle(200);
    await fleet.until(({ delivered }) => delivered >= 250);
    const asked = rig.app.fetch('/admin/nodes/launch', {
      method: 'POST',
      body: JSON.stringify({ provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'facebook/opt-125m' }),
    });
    expect((await within('the answer', asked)).status).toBe(503);
    fleet.cut();
    await log.trickle(50);
    await postgres.resume();
    log.finish();
    await fleet.until(({ done }) => done);
    const { sum } = fleet;
    recordRun('PostgreSQL away, readers cut meanwhile', log.written, sum);
    expect(sum).toMatchObject({ lost: 0, repeated: 0, unannounced: 0, resets: 0, done: READERS });
  });
});
