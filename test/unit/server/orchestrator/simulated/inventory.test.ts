import { expect, test } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { formatSimulatedHandle } from '@launchlog/server/orchestrator/simulated/handle';
import { SimulatedInventory } from '@launchlog/server/orchestrator/simulated/inventory';
import type { SimulatorScenario } from '@launchlog/shared/launch-request';

const never = new AbortController().signal;
const OURS = '550e8400-e29b-41d4-a716-446655440000';

function active(clusterName: string, scenario: SimulatorScenario, fateAt: number) {
  const handle = { startedAt: 0, scenario, speed: 1, seed: clusterName, fateAt };
  return { clusterName, useSpot: true, handle: formatSimulatedHandle(handle) };
}

function inventory(...strays: ('ours' | 'foreign' | 'unlabelled')[]) {
  return new SimulatedInventory({ clock: systemClock, speed: 10_000, strays });
}

test('active nodes have their clusters, until their fate takes it from SkyPilot', async () => {
  const known = [
    active('cic-a', 'success', 0),
    active('cic-b', 'forgotten', 0),
    active('cic-c', 'forgotten', Date.now() + 3_600_000),
    active('cic-d', 'preempted', 0),
    { clusterName: 'cic-e', useSpot: true, handle: undefined },
    active('other', 'success', 0),
  ];
  const own = { installation: OURS, active: () => Promise.resolve(known) };
  const listed = await inventory().list('cic-', never, own);
  expect(listed.map(({ name }) => name)).toEqual(['cic-a', 'cic-c', 'cic-e']);
});

test('strays carry the label of this installation, of another one, or none; only ours can be removed', async () => {
  const own = { installation: OURS, active: () => Promise.resolve([]) };
  const strays = inventory('ours', 'foreign', 'unlabelled');
  const [ours, foreign, unlabelled] = await strays.list('cic-', never, own);
  expect(ours).toMatchObject({ installation: OURS, place: 'AWS us-west-2' });
  expect(foreign?.installation).toMatch(/^[0-9a-f-]{36}$/);
  expect(foreign?.installation).not.toBe(OURS);
  expect(unlabelled?.installation).toBeUndefined();
  const remove = (name = '') => strays.remove({ name, installation: OURS }, never);
  await expect(remove(foreign?.name)).rejects.toThrow('does not carry the label');
  await expect(remove(unlabelled?.name)).rejects.toThrow('does not carry the label');
  await remove(ours?.name);
  await remove(ours?.name);
  expect(await strays.list('cic-', never, own)).toEqual([foreign, unlabelled]);
});
