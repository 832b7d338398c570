import { systemClock } from '@launchlog/server/clock';
import type { Orchestrator } from '@launchlog/server/orchestrator/orchestrator';
import { SkypilotApiOrchestrator } from '@launchlog/server/orchestrator/skypilot-api-orchestrator';
import { SkypilotCliOrchestrator } from '@launchlog/server/orchestrator/skypilot-cli-orchestrator';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { launchRequest } from '../support/sample/new-node.js';
import { SkypilotRig } from '../support/skypilot/rig.js';

const LAMBDA = { provider: 'lambda', region: 'us-east-1', gpu: 'A100', useSpot: false } as const;

describe('the market of the real SkyPilot', () => {
  let rig: SkypilotRig;
  beforeAll(async () => {
    rig = await SkypilotRig.start({ venv: inject('skypilotVenv'), cloud: 'lambda' });
  });
  afterAll(async () => rig?.close());

  const clock = systemClock;
  const orchestrators: Readonly<Record<string, () => Orchestrator>> = {
    'skypilot-api': () =>
      new SkypilotApiOrchestrator({ address: { endpoint: rig.endpoint }, clock, otherRegions: true }),
    'skypilot-cli': () =>
      new SkypilotCliOrchestrator({
        executable: rig.sky,
        environment: rig.environment,
        clock,
        otherRegions: true,
        warn: () => undefined,
      }),
  };

  test.each(Object.keys(orchestrators))(
    'by %s names offers within the limit, or why there is no offer',
    async (kind) => {
      const orchestrator = orchestrators[kind]!();
      const ask = (changes: Parameters<typeof launchRequest>[0]) =>
        orchestrator.market(launchRequest({ ...LAMBDA, ...changes }), AbortSignal.timeout(120_000));
      expect(await ask({})).toMatchObject({
        offers: [{ cloud: 'Lambda', region: 'us-east-1', gpus: 'A100:1', spot: false, price: 1.29 }],
      });
      expect((await ask({ maxHourlyCost: 2 })).offers).toHaveLength(1);
      const dear = await ask({ maxHourlyCost: 0.5 });
      expect(dear.offers).toEqual([]);
      expect(dear.problem).toBeTruthy();
      const unknown = await ask({ gpu: 'H999' });
      expect(unknown.offers).toEqual([]);
      expect(unknown.problem).toContain('H999');
      await orchestrator.close();
    },
  );
});
