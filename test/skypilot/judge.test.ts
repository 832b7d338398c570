import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { SkypilotApiOrchestrator } from '@launchlog/server/orchestrator/skypilot-api-orchestrator';
import { launchRequestSchema } from '@launchlog/shared/launch-request';
import type { LaunchRequestInput } from '@launchlog/shared/launch-request';
import { SkypilotRig } from '../support/skypilot/rig.js';

let rig: SkypilotRig;
let orchestrator: SkypilotApiOrchestrator;

beforeAll(async () => {
  rig = await SkypilotRig.start({ venv: inject('skypilotVenv'), cloud: 'lambda' });
  const address = { endpoint: rig.endpoint };
  orchestrator = new SkypilotApiOrchestrator({ address, clock: systemClock, otherRegions: false });
});
afterAll(async () => {
  await orchestrator.close();
  await rig.close();
});

function refusal(changes: Partial<LaunchRequestInput>) {
  const usual = { provider: 'lambda', region: 'us-east-1', gpu: 'A100', model: 'org/model', useSpot: false };
  return orchestrator.judge.refusal(launchRequestSchema.parse({ ...usual, ...changes }));
}

describe('a real SkyPilot that is asked before a launch', () => {
  test('knows which providers lack spot machines and open ports', async () => {
    expect(await orchestrator.judge.traits('lambda')).toEqual({ ports: true, spot: false });
    // It is not enabled, so its machines are not known.
    expect(await orchestrator.judge.traits('hyperbolic')).toEqual({ ports: false, spot: undefined });
    expect(await orchestrator.judge.traits('nowhere')).toEqual({ ports: undefined, spot: undefined });
  });

  test.each([
    [{ region: 'mars-1' }, /Invalid region 'mars-1'/],
    [{ provider: 'mithril', region: undefined }, /open_ports/],
    [{ taskYaml: 'resources: {bogus: 1}\nrun: x' }, /bogus/],
    [{ taskYaml: 'num_nodes: many\nrun: x' }, /num_nodes/],
  ] as const)('refuses %j in its own words', async (changes, words) => {
    expect(await refusal(changes)).toMatch(words);
  });

  test('refuses nothing that it can launch', async () => {
    expect(await refusal({ secrets: { HF_TOKEN: 'x' }, labels: { team: 'a' } })).toBeUndefined();
    expect(await refusal({ taskYaml: 'secrets: {A: null}\nrun: x', secrets: { A: 'x' } })).toBeUndefined();
  });
});
