import { PHASES } from '@launchlog/shared/phase';
import { afterEach, describe, expect, test } from 'vitest';
import { expectEachEntryOfSuccess } from './expected-log.js';
import { completionOf, expectWholeLog } from './launched-node.js';
import { RealWorld } from './real-world.js';

const SECRET = 'hf_realrigsecretrealrigsecret';
const MODEL = 'launchlog/tiny';

let world: RealWorld | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

/** The bare one has everything installed by SkyPilot; the other starts from what was kept of it. */
const WAYS = [
  ['skypilot-api', 'bare'],
  ['skypilot-cli', 'prepared'],
] as const;

describe.each(WAYS)('a launch by %s on a %s machine', (orchestrator, image) => {
  test('installs SkyPilot and vLLM, loads a model in shards, answers a completion, and is terminated', async () => {
    world = await RealWorld.start({ orchestrator, image });
    const startedMs = performance.now();
    const launched = await world.launch({ secrets: { HF_TOKEN: SECRET } });
    const node = await launched.until('active');
    console.log(
      `${orchestrator}: queued to active in ${Math.round((performance.now() - startedMs) / 1_000)} s`,
    );
    expect(node).toMatchObject({ orchestrator });
    const words = await completionOf(node, MODEL);
    expect(words).not.toBe('');

    const log = await launched.log();
    expectWholeLog(log, [SECRET]);
    if (orchestrator === 'skypilot-api') expectEachEntryOfSuccess(log);
    expect([...new Set(log.map(({ phase }) => phase))]).toEqual(PHASES.filter((phase) => phase !== 'failed'));
    expect(new Set(log.map(({ source }) => source))).toEqual(
      new Set(['orchestrator', 'skypilot', 'instance', 'vllm']),
    );
    const text = log.map(({ message }) => message).join('\n');
    expect(text).toMatch(/Fetching weights of launchlog\/tiny: \d+ files/);
    expect(text).toMatch(/Loading safetensors checkpoint shards: 100%/);
    expect(text).toContain('Application startup complete');

    world.machines.keepRuntime(new URL(node.endpoint ?? '').hostname);
    await launched.post('terminate');
    await launched.until('terminated');
    expect(world.paidFor).toEqual([]);
  });
});
