import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '@launchlog/server/config';
import { launchLimits } from '@launchlog/server/launch/launch-limits';
import { insertNode } from '../../support/database/node-rows.js';
import { observe, SUBMITTED } from '../../support/fake/scripted-orchestrator.js';
import { HANG, inPhase, LaunchBench, SERVE, withStatus } from '../../support/launch/launch-bench.js';
import { disorderOf } from '../../support/log/log-order.js';

describe('launch runner', () => {
  let bench: LaunchBench;

  beforeAll(async () => {
    bench = await LaunchBench.open();
  });
  afterAll(() => bench.close());
  beforeEach(() => bench.reset());

  it('cancels a launch that hangs: clean-up, then the terminal entry, then the row', async () => {
    const { server, orchestrator } = await bench.start(HANG);
    const { id } = await server.launch();
    await server.waitFor(id, inPhase('provisioning'));
    expect(await server.service.cancel(id)).toMatchObject({ status: 'launching' });
    const node = await server.waitFor(id, withStatus('failed'));
    expect(node).toMatchObject({ phase: 'failed', failureReason: 'cancelled' });
    expect(orchestrator.tearDowns).toMatchObject([{ nodeId: id, handle: 'handle-1' }]);
    const entries = await server.entries(id);
    expect(disorderOf(entries)).toEqual([]);
    expect(entries.at(-1)).toMatchObject({
      phase: 'failed',
      level: 'error',
      details: { reason: 'cancelled', cleanup: 'done' },
    });
    expect(await server.service.cancel(id)).toMatchObject({ status: 'failed' });
  });

  it('cancels a launch that waits in the queue without ever launching it', async () => {
    const { server, orchestrator } = await bench.start(HANG, { maxRunning: 1 });
    const first = await server.launch();
    await server.waitFor(first.id, inPhase('provisioning'));
    const second = await server.launch();
    await server.waitFor(second.id, (node) => node.queuePosition === 1);
    await server.service.cancel(second.id);
    await server.waitFor(second.id, withStatus('failed'));
    expect(orchestrator.launches.map((spec) => spec.nodeId)).toEqual([first.id]);
    expect(orchestrator.tearDowns).toEqual([]);
    expect((await server.entries(second.id)).at(-1)?.details?.['cleanup']).toBe('nothing');
  });

  it('logs the position of each waiting launch, again when it changes, and starts them in order', async () => {
    const { server, orchestrator } = await bench.start(HANG, { maxRunning: 1 });
    const ids: string[] = [];
    const launched = () => orchestrator.launches.map((spec) => spec.nodeId);
    for (let index = 0; index < 3; index += 1) {
      ids.push((await server.launch()).id);
      await expect.poll(launched).toEqual(ids.slice(0, 1));
    }
    await server.waitFor(ids[2]!, (node) => node.queuePosition === 2);
    await server.service.cancel(ids[0]!);
    await server.waitFor(ids[2]!, (node) => node.queuePosition === 1);
    await expect.poll(launched).toEqual(ids.slice(0, 2));
    await server.service.cancel(ids[1]!);
    await server.waitFor(ids[2]!, inPhase('provisioning'));
    expect(launched()).toEqual(ids);
    const entries = await server.entries(ids[2]!);
    expect(disorderOf(entries)).toEqual([]);
    const places = entries.flatMap((entry) => entry.details?.['queue_position'] ?? []);
    expect(places).toEqual([2, 1]);
    expect(entries.filter((entry) => entry.message.startsWith('Launch of'))).toHaveLength(1);
  });

  it('claims nothing while nothing changes, and still sees what another server changes', async () => {
    const { server } = await bench.start(HANG, { maxRunning: 1, pollMs: 10 });
    await server.waitFor((await server.launch()).id, inPhase('provisioning'));
    const second = await server.launch();
    await server.waitFor(second.id, (node) => node.queuePosition === 1);
    await expect.poll(() => bench.database.since('skip locked', 'uuid_hash')).toBeGreaterThan(20);
    const third = await insertNode(bench.database);
    await server.waitFor(third, (node) => node.queuePosition === 2);
    await expect.poll(() => bench.database.since('skip locked', 'uuid_hash')).toBeGreaterThan(20);
    await server.nodes.requestTermination(second.id);
    await server.waitFor(second.id, withStatus('terminated'));
    await server.waitFor(third, (node) => node.queuePosition === 1);
  });

  it('fails a phase that lasts longer than its deadline, and cleans up', async () => {
    const phaseDeadlineMs = { ...launchLimits(readConfig({})).phaseDeadlineMs, provisioning: 300 };
    const { server, orchestrator } = await bench.start(HANG, { phaseDeadlineMs });
    const { id } = await server.launch();
    const node = await server.waitFor(id, withStatus('failed'));
    expect(node).toMatchObject({ failureReason: 'timeout' });
    expect(node.failureMessage).toContain('phase provisioning');
    expect(orchestrator.tearDowns).toHaveLength(1);
  });

  it('warns once when a phase lasts longer than usual, marks the node, and forecasts the end', async () => {
    const { server, orchestrator } = await bench.start(SERVE, { minSamples: 3, minStallMs: 200 });
    for (let index = 0; index < 3; index += 1)
      await server.waitFor((await server.launch()).id, withStatus('active'));
    orchestrator.script = HANG;
    const { id } = await server.launch();
    const stalled = await server.waitFor(id, (node) => node.stalled);
    expect(stalled.eta).toMatchObject({ samples: 3 });
    const warnings = async () => (await server.entries(id)).filter((entry) => entry.level === 'warn');
    const once = [{ phase: 'provisioning', details: { samples: 3 } }];
    await expect.poll(warnings).toMatchObject(once);
  });

  it('leaves the resources of a failed launch where that was asked for, and warns of their cost', async () => {
    const failed = { kind: 'failed', reason: 'setup_failed', message: 'Setup failed.' } as const;
    const { server, orchestrator } = await bench.start({ launch: observe(...SUBMITTED, failed) });
    const { id } = await server.launch({ keepOnFailure: true });
    await server.waitFor(id, withStatus('failed'));
    expect(orchestrator.tearDowns).toEqual([]);
    const entries = await server.entries(id);
    expect(entries.at(-2)).toMatchObject({ level: 'warn', message: expect.stringContaining('kept') });
    expect(entries.at(-1)?.details?.['cleanup']).toBe('kept');
    await server.service.terminate(id);
    await server.waitFor(id, withStatus('terminated'));
    expect(orchestrator.tearDowns).toMatchObject([{ handle: 'handle-1' }]);
  });

  it('tries a clean-up again, and warns when it cannot be done', async () => {
    const failed = { kind: 'failed', reason: 'quota', message: 'No quota.' } as const;
    const { server, orchestrator } = await bench.start({
      launch: observe(...SUBMITTED, failed),
      tearDown: () => {
        throw new Error('the cloud does not answer');
      },
    });
    const { id } = await server.launch();
    await server.waitFor(id, withStatus('failed'));
    expect(orchestrator.tearDowns).toHaveLength(3);
    const entries = await server.entries(id);
    expect(entries.at(-1)).toMatchObject({ details: { reason: 'quota', cleanup: 'failed' } });
    expect(entries.filter((entry) => entry.message.includes('the cloud does not answer'))).toHaveLength(3);
  });

  it('terminates a launching node: cancelled, cleaned up, terminated', async () => {
    const { server } = await bench.start(HANG);
    const { id } = await server.launch({ keepOnFailure: true });
    await server.waitFor(id, inPhase('provisioning'));
    await server.service.terminate(id);
    const node = await server.waitFor(id, withStatus('terminated'));
    expect(node).toMatchObject({ failureReason: 'cancelled', phase: 'failed' });
    expect((await server.entries(id)).at(-1)).toMatchObject({ details: { reason: 'cancelled' } });
  });

  it('ends a launch whose orchestrator throws or stops without a word', async () => {
    for (const launch of [
      async function* broken() {
        yield* SUBMITTED;
        throw new Error('socket hang up');
      },
      async function* silent() {
        yield* SUBMITTED;
      },
    ]) {
      const { server } = await bench.start({ launch });
      const { id } = await server.launch();
      const node = await server.waitFor(id, withStatus('failed'));
      expect(node.failureReason).toBe('unknown');
      expect(node.failureMessage).toMatch(/socket hang up|ended without a result/);
      await server.runner.stop();
    }
  });
});
