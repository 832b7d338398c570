import { systemClock } from '@launchlog/server/clock';
import type { Orchestrator } from '@launchlog/server/orchestrator/orchestrator';
import { SkypilotApiOrchestrator } from '@launchlog/server/orchestrator/skypilot-api-orchestrator';
import { SkypilotCliOrchestrator } from '@launchlog/server/orchestrator/skypilot-cli-orchestrator';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { collect } from '../support/collect.js';
import { skypilotLaunchSpec } from '../support/skypilot/launch-spec.js';
import { SkypilotRig } from '../support/skypilot/rig.js';

/** Each command of `sky` imports all of SkyPilot: while a machine does other work, a launch takes more than two minutes. */
const COMMANDS_MS = 10 * 60_000;
const never = new AbortController().signal;

describe('the real SkyPilot with no cloud enabled', () => {
  let rig: SkypilotRig;
  beforeAll(async () => {
    rig = await SkypilotRig.start({ venv: inject('skypilotVenv'), cloud: 'none' });
  });
  afterAll(async () => rig?.close());

  test.each(['skypilot-api', 'skypilot-cli'] as const)(
    'by %s the launch ends failed with the reason of SkyPilot, and can be torn down',
    { timeout: COMMANDS_MS },
    async (kind) => {
      const orchestrator: Orchestrator =
        kind === 'skypilot-api'
          ? new SkypilotApiOrchestrator({
              address: { endpoint: rig.endpoint },
              clock: systemClock,
              otherRegions: false,
            })
          : new SkypilotCliOrchestrator({
              executable: rig.sky,
              environment: rig.environment,
              clock: systemClock,
              otherRegions: false,
              warn: () => undefined,
            });
      const spec = skypilotLaunchSpec({}, { secrets: { HF_TOKEN: 'hf_abcdefghijk' } });
      const seen = await collect(orchestrator.launch(spec, never));
      expect(seen.some((one) => one.kind === 'handle')).toBe(true);
      const last = seen.at(-1);
      expect(last).toMatchObject({ kind: 'failed', reason: 'credentials' });
      expect(last?.kind === 'failed' ? last.message : '').toMatch(/not enabled|Cloud access is not set up/);
      await collect(orchestrator.tearDown(spec, never));
      await orchestrator.close();
    },
  );
});
