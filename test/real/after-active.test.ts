import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { LaunchedNode, ReadNode } from './launched-node.js';
import { eventually } from '../support/within.js';
import { RealWorld } from './real-world.js';
import { ENGINE, STAGED_ENGINE } from './staged-engine.js';

/** From the first failed probe until the node is lost, as it is promised. */
const LOST_WITHIN_MS = 90_000;
/** From one probe to the next, and the time that its answer has. */
const NEXT_PROBE_MS = 35_000;
/** On a busy machine. */
const PATIENCE_MS = 5 * 60_000;
const MINUTE_MS = 60_000;

let world: RealWorld;
beforeAll(async () => {
  world = await RealWorld.start();
});
// Also after a case that failed, so that the next one has the memory of this machine to itself.
afterEach(() => world.pullAllPlugs());
afterAll(async () => world?.close());

/** An engine of a custom task that is ready. */
async function readyEngine(): Promise<{ launched: LaunchedNode; node: ReadNode; address: string }> {
  const launched = await world.launchTask(STAGED_ENGINE);
  await launched.untilLogged(/Application startup complete/);
  world.machines.run(world.machines.latest, ENGINE.openGate);
  const node = await launched.until('active');
  await launched.untilSeen('healthy', ({ health }) => health === 'healthy', PATIENCE_MS);
  return { launched, node, address: new URL(node.endpoint ?? '').hostname };
}

function failedProbes(): Promise<number> {
  return world.metric(/^launchlog_probes_total\{result="failed"\} (\d+)$/m);
}

describe('a node that has become active on a real machine', () => {
  test("a task of one's own is active when its engine is ready; a machine that is taken is lost within 90 s of the first failed probe", async () => {
    const { launched, node } = await readyEngine();
    expect(node.endpoint).toMatch(/:8080$/);
    const before = await failedProbes();
    const takenAtMs = Date.now();
    world.pullAllPlugs();
    await eventually(
      'no probe failed',
      async () => (await failedProbes()) > before,
      NEXT_PROBE_MS + MINUTE_MS,
    );
    const lost = await launched.untilSeen('lost', ({ status }) => status === 'lost', LOST_WITHIN_MS);
    console.log(
      `lost ${Math.round(lost.tookMs / 1_000)} s after the first failed probe: ${lost.node.loss_reason}`,
    );
    // It was on demand, and nobody asked SkyPilot to remove it.
    expect(lost.node).toMatchObject({ loss_reason: 'deleted' });
    // It costs until the last sign of life, and not a second longer.
    expect(Date.parse(lost.node.terminated_at ?? '')).toBeLessThanOrEqual(takenAtMs);
    const events = await launched.events();
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
    expect(events.map(({ kind }) => kind).filter((kind) => kind === 'lost')).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({
      kind: 'lost',
      message: expect.stringContaining('removed outside of SkyPilot') as string,
    });
  });

  test('nothing is lost while the API server is dead: a silent node is unknown, and healthy when it can be seen again', async () => {
    const { launched, address } = await readyEngine();
    await world.rig.stopServer();
    // As long as the model server answers, it is the better witness.
    await sleep(MINUTE_MS);
    expect(await launched.read()).toMatchObject({ status: 'active', health: 'healthy' });

    world.machines.run(address, ENGINE.freeze);
    const blind = await launched.untilSeen('unknown', ({ health }) => health === 'unknown', PATIENCE_MS);
    expect(blind.node.health_reason).toMatch(/SkyPilot cannot be asked/);
    await world.rig.startServer();
    world.machines.run(address, ENGINE.thaw);
    await launched.untilSeen('healthy', ({ health }) => health === 'healthy', PATIENCE_MS);
    const node = await launched.read();
    expect(node).toMatchObject({ status: 'active' });
    expect(node.terminated_at).toBeUndefined();
    await launched.post('terminate');
    await launched.until('terminated');
    expect(world.paidFor).toEqual([]);
  });

  test('a model server that is killed on a live machine is unreachable and still costs, and its last words are kept', async () => {
    const launched = await world.launch();
    const { endpoint } = await launched.until('active');
    await launched.untilSeen('healthy', ({ health }) => health === 'healthy', PATIENCE_MS);
    world.machines.run(new URL(endpoint ?? '').hostname, "pkill -KILL --full '[v]llm serve|VLLM[:]'");
    const dead = await launched.untilSeen(
      'unreachable',
      ({ health }) => health === 'unreachable',
      PATIENCE_MS,
    );
    expect(dead.node).toMatchObject({
      status: 'active',
      health_reason: expect.stringMatching(/refused/) as string,
    });
    expect(dead.node.terminated_at).toBeUndefined();
    expect(world.paidFor).toHaveLength(1);
    const kept = await launched.untilSeen(
      'with evidence',
      ({ evidence }) => evidence !== undefined,
      PATIENCE_MS,
    );
    expect(kept.node.evidence?.lines.join('\n')).toMatch(/GET \/health/);
    await launched.post('terminate');
    await launched.until('terminated');
    expect(world.paidFor).toEqual([]);
  });
});
