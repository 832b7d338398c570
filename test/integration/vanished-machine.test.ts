import { SkypilotApiOrchestrator } from '@launchlog/server/orchestrator/skypilot-api-orchestrator';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { collect } from '../support/collect.js';
import { SkypilotApiStandIn } from '../support/skypilot-api-stand-in.js';
import { hurriedClock } from '../support/skypilot-hurried-clock.js';
import { skypilotLaunchSpec } from '../support/skypilot-launch-spec.js';

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

test.each([
  ['runtime-failure', 'setup_failed'],
  ['setup-failure', 'setup_failed'],
  ['model-failure', 'model_load_failed'],
])('a machine that vanished under a launch (%s) is the cause, not %s', async (recording, reason) => {
  standIn.play(recording);
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
  // What SkyPilot said of it is not lost.
  expect(seen.at(-2)).toMatchObject({ kind: 'action', level: 'warn' });

  const there = await collect(orchestrator.launch(skypilotLaunchSpec(), never));
  expect(there.at(-1)).toMatchObject({ kind: 'failed', reason });
});

test('a cluster that SkyPilot removed itself proves nothing about its machine', async () => {
  standIn.play('no-capacity');
  const spec = skypilotLaunchSpec();
  standIn.lostMachines.add(spec.clusterName);
  const seen = await collect(orchestrator.launch(spec, never));
  expect(seen.at(-1)).toMatchObject({ kind: 'failed', reason: 'no_capacity' });
});
