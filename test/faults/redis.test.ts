import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FaultRig, faultScale, recordRun, WAITING } from '../support/fault/fault-rig.js';
import { buildWorkspaces } from '../support/package/built-workspaces.js';

const READERS = faultScale(500);

describe('when Redis fails under hundreds of readers of a server', () => {
  let rig: FaultRig | undefined;
  beforeAll(buildWorkspaces);
  afterEach(async () => {
    await rig?.close();
    rig = undefined;
  });

  async function watchedLog(redis = {}) {
    rig = await FaultRig.start({ redis, environment: WAITING });
    // The slot is taken by the first.
    await rig.launch();
    const log = await rig.openLog();
    const fleet = rig.fleet(READERS, log.nodeId);
    await log.trickle(100);
    await fleet.until(({ delivered }) => delivered >= 100);
    return { rig, log, fleet };
  }

  it('loses and repeats nothing when it is killed with its data kept', async () => {
    const { rig: on, log, fleet } = await watchedLog({ aof: true });
    for (let round = 0; round < 2; round += 1) {
      await on.redis.kill();
      await log.trickle(100);
      await on.redis.launch();
      await log.trickle(100);
    }
    log.finish();
    await fleet.until(({ done }) => done);
    const { sum } = fleet;
    recordRun('Redis SIGKILL twice, data kept', log.written, sum);
    expect(sum).toMatchObject({ lost: 0, repeated: 0, unannounced: 0, resets: 0, done: READERS });
    // The queue's entries from before the test's writer are in the log, too.
    expect(sum.delivered).toBeGreaterThanOrEqual(log.written * READERS);
  });

  it('reports the loss of its data to every reader, and replays all that the writer still had', async () => {
    const { rig: on, log, fleet } = await watchedLog();
    await on.redis.killWithData();
    await log.trickle(50);
    await on.redis.launch();
    await log.trickle(50);
    log.finish();
    await fleet.until(({ done }) => done);
    const { sum } = fleet;
    recordRun('Redis SIGKILL, data gone', log.written, sum);
    expect(sum).toMatchObject({ lost: 0, repeated: 0, unannounced: 0, done: READERS });
    expect(fleet.tallies.every(({ resets }) => resets >= 1)).toBe(true);
    expect(sum.delivered).toBeGreaterThanOrEqual((log.written + 100) * READERS);
  });

  it('reports to readers that it hangs, and continues where it was when it is back', async () => {
    const { rig: on, log, fleet } = await watchedLog();
    on.redis.freeze();
    await log.trickle(100);
    await fleet.until(({ notices }) => notices >= 1);
    on.redis.thaw();
    await log.trickle(100);
    log.finish();
    await fleet.until(({ done }) => done);
    const { sum } = fleet;
    recordRun('Redis SIGSTOP until all are notified, then SIGCONT', log.written, sum);
    expect(sum).toMatchObject({ lost: 0, repeated: 0, unannounced: 0, resets: 0, done: READERS });
  });
});
