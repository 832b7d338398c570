import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { expectWholeLog, type LaunchedNode } from './launched-node.js';
import { RealWorld } from './real-world.js';
import { STAGED_ENGINE } from './staged-engine.js';

/** A moment in each phase, known by what the log has. */
const MOMENTS = {
  provisioning: /^Launching on Lambda/,
  instance_ready: /^Instance is up/,
  installing: /^NVIDIA A100/,
  model_loading: /^Fetching weights of/,
  health_check: /^Probe of \/state: 200, but without the text/,
} as const;
type InterruptedPhase = keyof typeof MOMENTS;
const PHASES = Object.keys(MOMENTS) as InterruptedPhase[];

/** Long enough for something to happen in the middle of it. */
const SLOW = { bootMs: 20_000, bytesPerSecond: 2e5 };
const USUAL = { bootMs: 0, bytesPerSecond: 2e6 };

const LOST = {
  failure_reason: 'interrupted',
  failure_message: expect.stringMatching(/^The machine of .+ was removed outside of SkyPilot\.$/) as string,
};

let world: RealWorld;
beforeAll(async () => {
  world = await RealWorld.start({ environment: { PROVISIONING_TIMEOUT_MINUTES: '5' } });
});
afterEach(() => {
  setPace(USUAL);
  // Also after a case that failed, so that the next one has the memory of this machine to itself.
  world.pullAllPlugs();
});
afterAll(async () => world?.close());

function setPace({ bootMs, bytesPerSecond }: typeof USUAL): void {
  world.hub.bytesPerSecond = bytesPerSecond;
  if (world.rig.lambda !== undefined) world.rig.lambda.bootMs = bootMs;
}

async function launchedUntil(phase: InterruptedPhase): Promise<LaunchedNode> {
  setPace({
    bootMs: phase === 'provisioning' ? SLOW.bootMs : USUAL.bootMs,
    bytesPerSecond: phase === 'model_loading' ? SLOW.bytesPerSecond : USUAL.bytesPerSecond,
  });
  // vLLM answers a moment after it has started: only an engine that waits can be met in its last phase.
  const launched = await (phase === 'health_check' ? world.launchTask(STAGED_ENGINE) : world.launch());
  await launched.untilLogged(MOMENTS[phase]);
  return launched;
}

describe('a launch that is interrupted on a real machine', () => {
  test.each(PHASES)('a machine that is killed in %s fails the launch, and nothing is left', async (phase) => {
    const launched = await launchedUntil(phase);
    const killedAtMs = performance.now();
    world.pullAllPlugs();
    const node = await launched.until('failed');
    const seconds = Math.round((performance.now() - killedAtMs) / 1_000);
    console.log(`killed in ${phase}: after ${seconds} s ${node.failure_reason}: ${node.failure_message}`);
    const log = await launched.log();
    expectWholeLog(log);
    // SkyPilot waits without end for a machine that vanishes while it boots.
    expect(node).toMatchObject(phase === 'provisioning' ? { failure_reason: 'timeout' } : LOST);
    expect(world.paidFor).toEqual([]);
  });

  test.each(PHASES)('a cancel in %s removes the machine', async (phase) => {
    const launched = await launchedUntil(phase);
    const cancelledAtMs = performance.now();
    await launched.post('cancel');
    const node = await launched.until('failed');
    const seconds = Math.round((performance.now() - cancelledAtMs) / 1_000);
    console.log(`cancelled in ${phase}: after ${seconds} s ${node.failure_message}`);
    const log = await launched.log();
    expectWholeLog(log);
    expect(node).toMatchObject({ failure_reason: 'cancelled' });
    expect(world.paidFor).toEqual([]);
    expect(log.some(({ message }) => /has no more cloud resources/.test(message))).toBe(true);
  });
});
