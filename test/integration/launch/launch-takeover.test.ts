import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { line, observe, serving, SUBMITTED } from '../../support/fake/scripted-orchestrator.js';
import { HANG, inPhase, LaunchBench, SERVE, withStatus } from '../../support/launch/launch-bench.js';
import { disorderOf } from '../../support/log/log-order.js';
import { within } from '../../support/within.js';

/** Longer than the tests wait: a launch that continues earlier has not waited for the lease to run out. */
const LEASE_MS = 300_000;

describe('launches that change hands', () => {
  let bench: LaunchBench;

  beforeAll(async () => {
    bench = await LaunchBench.open();
  });
  afterAll(() => bench.close());
  beforeEach(() => bench.reset());

  it('tries a termination again until it succeeds, also when the server that began it is gone', async () => {
    const { server, orchestrator } = await bench.start(SERVE);
    const { id } = await server.launch();
    await server.waitFor(id, withStatus('active'));
    orchestrator.script = { ...SERVE, tearDown: observe() };
    await server.service.terminate(id);
    await expect.poll(() => orchestrator.tearDowns.length).toBeGreaterThan(0);
    await server.runner.stop();
    expect((await server.service.get(id)).status).toBe('terminating');
    const { server: other } = await bench.start(SERVE);
    const node = await other.waitFor(id, withStatus('terminated'));
    expect(node.endpoint).toBeUndefined();
    expect(node.terminatedAt).toBeDefined();
  });

  it('gives launches back at a graceful stop; the next server continues at once, from handle and checkpoint', async () => {
    const first = await bench.start(HANG, { leaseMs: LEASE_MS });
    const { id } = await first.server.launch();
    await first.server.waitFor(id, inPhase('provisioning'));
    const said = async () => (await first.server.entries(id)).map(({ message }) => message);
    await expect.poll(said).toContain('Launching on AWS us-west-2 (us-west-2a).');
    await within('the stop', first.server.runner.stop());
    const second = await bench.start(SERVE, { leaseMs: LEASE_MS });
    await second.server.waitFor(id, withStatus('active'));
    expect(second.orchestrator.launches).toMatchObject([{ handle: 'handle-1', checkpoint: 'line-1' }]);
    const entries = await second.server.entries(id);
    expect(disorderOf(entries)).toEqual([]);
    expect(entries.filter((entry) => entry.message.startsWith('Launch of'))).toHaveLength(1);
    expect(first.orchestrator.tearDowns).toEqual([]);
  });

  it('stops working on a launch that another server has taken over', async () => {
    const { server, orchestrator } = await bench.start(HANG);
    const { id } = await server.launch();
    await server.waitFor(id, inPhase('provisioning'));
    await bench.database.script(
      "update nodes set attempt = attempt + 1, lease_owner = 'other', lease_until = now() + interval '1 hour'",
    );
    await expect.poll(() => server.runner.jobs).toBe(0);
    const entries = await server.entries(id);
    expect(entries.at(-1)?.phase).toBe('provisioning');
    expect(orchestrator.tearDowns).toEqual([]);
    expect(await server.service.get(id)).toMatchObject({ status: 'launching' });
  });

  it('takes a terminal entry that stands for the outcome, and launches nothing', async () => {
    const { server, orchestrator } = await bench.start(SERVE);
    const { id } = await server.launch();
    await server.waitFor(id, withStatus('active'));
    await bench.database.script(
      "update nodes set status = 'launching', phase = 'health_check', endpoint = null, ended_at = null",
    );
    server.runner.wake();
    const node = await server.waitFor(id, withStatus('active'));
    expect(node).toMatchObject({ endpoint: 'http://127.0.0.1:9', phase: 'active' });
    expect(orchestrator.launches).toHaveLength(1);
  });

  it('gives up a launch that ended too many servers', async () => {
    const { server, orchestrator } = await bench.start(HANG, { maxRunning: 1, maxTakeovers: 2 });
    const { id } = await server.launch();
    await server.waitFor(id, inPhase('provisioning'));
    await server.runner.stop();
    await bench.database.script(
      "update nodes set takeovers = 2, lease_owner = 'gone', lease_until = now() - interval '1 s'",
    );
    const second = await bench.start(HANG, { maxTakeovers: 2 });
    const node = await second.server.waitFor(id, withStatus('failed'));
    expect(node.failureReason).toBe('interrupted');
    expect(second.orchestrator.launches).toEqual([]);
    expect(second.orchestrator.tearDowns).toHaveLength(1);
    expect(orchestrator.launches).toHaveLength(1);
  });

  it('continues through a restart of PostgreSQL, and stores the end when it is back', async () => {
    let proceed = (): void => undefined;
    const gate = new Promise<void>((resolve) => (proceed = resolve));
    const { server } = await bench.start({
      async *launch() {
        yield* SUBMITTED;
        yield line('Launching on AWS us-west-2 (us-west-2a).');
        await gate;
        yield line('✓ Instance is up.');
        yield serving();
      },
    });
    const { id } = await server.launch();
    await server.waitFor(id, inPhase('provisioning'));
    await bench.postgres.pause();
    proceed();
    const lastPhase = async () => (await server.entries(id)).at(-1)?.phase;
    await expect.poll(lastPhase).toBe('active');
    await bench.postgres.resume();
    const node = await server.waitFor(id, withStatus('active'));
    expect(node.phaseSeconds.instance_ready).toBeDefined();
    expect(disorderOf(await server.entries(id))).toEqual([]);
  });

  it('terminates what became active in the moment of its cancelling', async () => {
    const { server, orchestrator } = await bench.start(HANG);
    const { id } = await server.launch();
    await server.waitFor(id, inPhase('provisioning'));
    await server.runner.stop();
    const job = await server.leases.claim({
      owner: 'x',
      leaseMs: 60_000,
      maxRunning: 8,
      orchestrator: 'simulated',
      secretsKeyId: '',
    });
    await server.nodes.requestCancel(id);
    await server.leases.end(job!.lease, { status: 'active', endedAtMs: Date.now() });
    const { server: other } = await bench.start(SERVE);
    await other.waitFor(id, withStatus('terminated'));
    expect(orchestrator.tearDowns).toEqual([]);
  });

  it('begins a new launch although the log store is away, and the log has all of it when that is back', async () => {
    const { server, orchestrator } = await bench.start(HANG, { logWithinMs: 200 });
    bench.logs.away = true;
    const { id } = await server.launch();
    await server.waitFor(id, inPhase('provisioning'));
    expect(orchestrator.launches).toHaveLength(1);
    bench.logs.away = false;
    await server.service.cancel(id);
    await server.waitFor(id, withStatus('failed'));
    const entries = await server.entries(id);
    expect(entries[0]?.message).toContain('accepted');
    expect(disorderOf(entries)).toEqual([]);
  });

  it('waits with a launch that others have worked on until the log store shows how far they came', async () => {
    const { server } = await bench.start(HANG);
    const { id } = await server.launch();
    await server.waitFor(id, inPhase('provisioning'));
    await server.runner.stop();
    bench.logs.away = true;
    const { server: next, orchestrator } = await bench.start(SERVE, { logWithinMs: 50 });
    const refused = bench.logs.refused;
    await expect.poll(() => bench.logs.refused).toBeGreaterThan(refused + 1);
    expect(orchestrator.launches).toEqual([]);
    bench.logs.away = false;
    await next.waitFor(id, withStatus('active'));
    expect(disorderOf(await next.entries(id))).toEqual([]);
  });

  it('ends a launch although the log store is away, after a bounded wait; the log gets its end when it is back', async () => {
    const { server, orchestrator } = await bench.start(HANG, { terminalEntryMs: 300 });
    const { id } = await server.launch();
    await server.waitFor(id, inPhase('provisioning'));
    bench.logs.away = true;
    await server.service.cancel(id);
    await server.waitFor(id, withStatus('failed'));
    expect(orchestrator.tearDowns).toHaveLength(1);
    bench.logs.away = false;
    await expect.poll(async () => (await server.entries(id)).at(-1)?.phase).toBe('failed');
    expect(disorderOf(await server.entries(id))).toEqual([]);
  });
});
