import { SkypilotApiOrchestrator } from '@launchlog/server/orchestrator/skypilot-api-orchestrator';
import type { Observation } from '@launchlog/server/orchestrator/orchestrator';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { collect } from '../../support/collect.js';
import { SkypilotApiStandIn } from '../../support/skypilot/api-stand-in.js';
import { hurriedClock } from '../../support/skypilot/hurried-clock.js';
import { skypilotLaunchSpec } from '../../support/skypilot/launch-spec.js';

const never = new AbortController().signal;

let standIn: SkypilotApiStandIn;
let orchestrator: SkypilotApiOrchestrator;
beforeEach(async () => {
  standIn = await SkypilotApiStandIn.start();
  // Nothing listens there.
  standIn.modelServer = '127.0.0.1:9';
  const address = { endpoint: standIn.endpoint };
  orchestrator = new SkypilotApiOrchestrator({ address, clock: hurriedClock(20), otherRegions: true });
});
afterEach(async () => {
  await orchestrator.close();
  await standIn.close();
});

test('a machine that vanished while it was prepared is the cause, not the command that failed', async () => {
  standIn.play('runtime-failure');
  const spec = skypilotLaunchSpec();
  standIn.lostMachines.add(spec.clusterName);
  const seen = await collect(orchestrator.launch(spec, never));
  expect(seen.filter(({ kind }) => kind === 'failed')).toEqual([
    {
      kind: 'failed',
      reason: 'interrupted',
      message: `The machine of ${spec.clusterName} was removed outside of SkyPilot.`,
      hint: expect.stringContaining('Launch again') as string,
    },
  ]);
  // SkyPilot's message about it is not lost.
  expect(seen.at(-2)).toMatchObject({ kind: 'action', level: 'warn' });

  const there = await collect(orchestrator.launch(skypilotLaunchSpec(), never));
  expect(there.at(-1)).toMatchObject({ kind: 'failed', reason: 'setup_failed' });
});

test('the end of a job that its machine reported needs no second look', async () => {
  standIn.play('setup-failure');
  const seen = await collect(orchestrator.launch(skypilotLaunchSpec(), never));
  expect(seen.at(-1)).toMatchObject({ kind: 'failed', reason: 'setup_failed' });
  expect(standIn.bodies.filter(({ refresh }) => refresh === 'FORCE')).toEqual([]);
});

test('a machine is also known to be gone after SkyPilot has forgotten its cluster', async () => {
  standIn.play('model-failure');
  const spec = skypilotLaunchSpec();
  const seen: Observation[] = [];
  for await (const one of orchestrator.launch(spec, never)) {
    seen.push(one);
    if (one.kind === 'line' && one.stream === 'job') standIn.removeCluster(spec.clusterName);
  }
  expect(seen.at(-1)).toMatchObject({
    reason: 'interrupted',
    message: `The machine of ${spec.clusterName} was removed outside of SkyPilot.`,
  });
});

test('a cluster that SkyPilot removed itself proves nothing about its machine', async () => {
  standIn.play('no-capacity');
  const spec = skypilotLaunchSpec();
  standIn.lostMachines.add(spec.clusterName);
  const seen = await collect(orchestrator.launch(spec, never));
  expect(seen.at(-1)).toMatchObject({ kind: 'failed', reason: 'no_capacity' });
});
