import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { PgliteSqlDatabase } from '@launchlog/server/database/pglite-sql-database';
import { EmbeddedLogStore } from '@launchlog/server/log/embedded-log-store';
import { SimulatedOrchestrator } from '@launchlog/server/orchestrator/simulated-orchestrator';
import { PHASES, phaseRank } from '@launchlog/shared/phase';
import { LaunchServer } from '../../support/launch/launch-server.js';
import { launchRequest } from '../../support/sample/new-node.js';
import { disorderOf } from '../../support/log/log-order.js';
import { makeMigratedPgliteFolder } from '../../support/database/new-pglite-folder.js';

const HOUR_MS = 3_600_000;
const LOG_LIMITS = { maxEntries: 10_000, maxBytes: 8e6, ttlMs: 24 * HOUR_MS, metaTtlMs: 48 * HOUR_MS };

/** The whole embedded default: PGlite, logs in files, the simulator at 200 times real time. */
describe('simulated launches on the embedded stores', () => {
  const directory = mkdtempSync(join(tmpdir(), 'launchlog-launch-'));
  let database: PgliteSqlDatabase;
  let logs: EmbeddedLogStore;
  let orchestrator: SimulatedOrchestrator;
  let server: LaunchServer;

  beforeAll(async () => {
    await makeMigratedPgliteFolder(join(directory, 'nodes'));
    database = await PgliteSqlDatabase.open({
      directory: join(directory, 'nodes'),
      clock: systemClock,
      lockWaitMs: 0,
    });
    logs = await EmbeddedLogStore.open({
      directory: join(directory, 'logs'),
      clock: systemClock,
      limits: LOG_LIMITS,
    });
    orchestrator = new SimulatedOrchestrator({ clock: systemClock, speed: 200, scenario: 'success' });
    server = await LaunchServer.start({ database, logs, orchestrator });
  });
  afterAll(async () => {
    await server.runner.stop();
    await orchestrator.close();
    await logs.close();
    await database.close();
    rmSync(directory, { recursive: true });
  });

  const ended = (status: string) => (node: { status: string }) => node.status === status;

  it('takes the machine that was found into its columns, where several would do', async () => {
    const { id, clusterName } = await server.launch({
      region: undefined,
      gpu: undefined,
      simulatorScenario: 'no-capacity',
      anyOf: [
        { gpu: 'H100', region: 'us-east-1' },
        { gpu: 'L4', provider: 'gcp', count: 2, spot: false },
      ],
    });
    expect(clusterName).toMatch(/^cic-aws-any-any-any-/);
    expect(await server.waitFor(id, ended('active'))).toMatchObject({
      provider: 'gcp',
      region: 'us-central1',
      gpuType: 'L4',
      gpuCount: 2,
      useSpot: false,
      clusterName,
    });
  });

  it('serves with a key that is answered once, shown nowhere, and sealed until the node is terminated', async () => {
    const context = { actor: 'test', idempotencyKey: 'with-a-key' };
    const request = launchRequest({ endpointAuth: 'generated' });
    const { node, endpointKey = '' } = await server.service.launch(request, context);
    expect(endpointKey).toMatch(/^sk-[0-9a-f]{64}$/);
    expect(await server.service.launch(request, context)).toEqual({
      node: expect.anything(),
      replayed: true,
    });
    const { endpoint = '' } = await server.waitFor(node.id, ended('active'));
    const asked = async (headers: Record<string, string>) =>
      (await fetch(`${endpoint}/v1/models`, { headers })).status;
    expect(await asked({})).toBe(401);
    expect(await asked({ Authorization: 'Bearer sk-other' })).toBe(401);
    expect(await asked({ Authorization: `Bearer ${endpointKey}` })).toBe(200);
    const sealed = async () => {
      return JSON.stringify(
        await database.query('select sealed_secrets from nodes where id = $1', [node.id]),
      );
    };
    expect(await sealed()).not.toContain('null');
    expect(JSON.stringify([await server.entries(node.id), await server.service.get(node.id)])).not.toContain(
      endpointKey,
    );
    await server.service.terminate(node.id);
    await server.waitFor(node.id, ended('terminated'));
    expect(await sealed()).toContain('null');
  });

  it('goes through all phases in order, each opened by what was seen, to a model server that answers', async () => {
    const { id } = await server.launch();
    const node = await server.waitFor(id, ended('active'));
    const entries = await server.entries(id);
    expect(disorderOf(entries)).toEqual([]);
    expect([...new Set(entries.map((entry) => entry.phase))]).toEqual(
      PHASES.filter((phase) => phase !== 'failed'),
    );
    expect(node).toMatchObject({ phase: 'active', progress: 100, orchestrator: 'simulated', stalled: false });
    expect(Object.keys(node.phaseSeconds)).toEqual(PHASES.slice(0, 6));
    expect(node.attempts.at(-1)).toMatchObject({ outcome: 'won' });
    expect((await fetch(`${node.endpoint}/health`)).status).toBe(200);
    expect(entries.at(-1)).toMatchObject({
      level: 'info',
      phase: 'active',
      progress: 100,
      details: { endpoint: node.endpoint, total_seconds: expect.any(Number) },
    });
    expect(server.ended.map((each) => each.id)).toContain(id);
    expect(server.problems).toEqual([]);
  });

  it('keeps on the node why the model failed, what to try, and the entry and last lines that show it', async () => {
    const { id } = await server.launch({ simulatorScenario: 'out-of-memory' });
    const { failureMessage, hint, evidence } = await server.waitFor(id, ended('failed'));
    expect(failureMessage).toContain('CUDA out of memory');
    expect(hint).toContain('--max-model-len');
    const entries = await server.entries(id);
    const explaining = entries.find(({ seq }) => seq === evidence?.seq);
    expect(explaining).toMatchObject({
      level: 'error',
      message: expect.stringContaining('OutOfMemoryError'),
    });
    expect(evidence?.lines).toContain(explaining?.message);
    expect(entries.at(-1)?.details).toMatchObject({ reason: 'model_load_failed', hint });
  });

  it('fails over where there is no capacity, and keeps the trail', async () => {
    const { id } = await server.launch({ simulatorScenario: 'no-capacity' });
    const node = await server.waitFor(id, ended('active'));
    expect(node.attempts.length).toBeGreaterThan(1);
    expect(node.attempts[0]).toMatchObject({ outcome: 'failed', reason: 'no_capacity' });
    expect(node.attempts.at(-1)?.outcome).toBe('won');
    expect(node.pricePerHour).toBe(node.attempts.at(-1)?.price);
    expect(disorderOf(await server.entries(id))).toEqual([]);
  });

  it('names the refusal of a cloud as the line that shows the failure, and none that a machine came after', async () => {
    const refused = await server.launch({ simulatorScenario: 'quota' });
    const { evidence } = await server.waitFor(refused.id, ended('failed'));
    const entries = await server.entries(refused.id);
    expect(entries.findLast(({ seq }) => seq === evidence?.seq)?.details?.['reason']).toBe('quota');
    const sick = await server.launch({ simulatorScenario: 'never-healthy' });
    expect((await server.waitFor(sick.id, ended('failed'))).evidence).not.toHaveProperty('seq');
  });

  it.each([
    ['quota', 'quota'],
    ['setup-error', 'setup_failed'],
    ['out-of-memory', 'model_load_failed'],
    ['never-healthy', 'unhealthy'],
  ] as const)(
    'ends %s as failed with reason %s, after the clean-up, with the last lines',
    async (scenario, reason) => {
      const { id } = await server.launch({ simulatorScenario: scenario });
      const node = await server.waitFor(id, ended('failed'));
      expect(node).toMatchObject({ phase: 'failed', failureReason: reason });
      const entries = await server.entries(id);
      expect(disorderOf(entries)).toEqual([]);
      expect(entries.at(-1)).toMatchObject({
        level: 'error',
        phase: 'failed',
        details: { reason, cleanup: 'done' },
      });
      expect(entries.at(-1)?.details?.['last_lines']).toBeTruthy();
      expect(node.evidence?.lines.length).toBeGreaterThan(0);
      expect(JSON.stringify(node.evidence).length).toBeLessThan(8 * 1_024);
      expect(entries.at(-2)?.message).toBe('The cloud resources were removed');
    },
  );

  it('is terminated: the endpoint no longer answers', async () => {
    const { id } = await server.launch();
    const { endpoint } = await server.waitFor(id, ended('active'));
    expect(await server.service.terminate(id)).toMatchObject({ status: 'terminating' });
    await server.waitFor(id, ended('terminated'));
    await expect(fetch(`${endpoint}/health`)).rejects.toThrow('fetch failed');
  });

  it('is found again after a restart: the finished node serves, the running launch continues', async () => {
    const served = await server.launch();
    const { endpoint } = await server.waitFor(served.id, ended('active'));
    const running = await server.launch();
    await server.waitFor(running.id, (node) => phaseRank(node.phase) >= phaseRank('instance_ready'));
    await server.runner.stop();
    await orchestrator.close();
    await expect(fetch(`${endpoint}/health`)).rejects.toThrow('fetch failed');
    orchestrator = new SimulatedOrchestrator({ clock: systemClock, speed: 200, scenario: 'success' });
    server = await LaunchServer.start({ database, logs, orchestrator });
    const node = await server.waitFor(running.id, ended('active'));
    expect((await fetch(`${node.endpoint}/health`)).status).toBe(200);
    expect(disorderOf(await server.entries(running.id))).toEqual([]);
    const again = await server.service.get(served.id);
    expect((await fetch(`${again.endpoint}/health`)).status).toBe(200);
  });
});
