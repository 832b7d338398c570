import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { launchingCheck } from '@launchlog/server/doctor/launching-check';
import { foreseenRequest } from '@launchlog/server/launch/foreseen-request';
import { SkypilotApiOrchestrator } from '@launchlog/server/orchestrator/skypilot-api-orchestrator';
import type { Observation } from '@launchlog/server/orchestrator/orchestrator';
import { launchRequestSchema } from '@launchlog/shared/launch-request';
import type { LaunchRequestInput } from '@launchlog/shared/launch-request';
import { SkypilotApiStandIn } from '../../support/skypilot/api-stand-in.js';
import { skypilotLaunchSpec } from '../../support/skypilot/launch-spec.js';

let standIn: SkypilotApiStandIn;
let orchestrator: SkypilotApiOrchestrator;

beforeEach(async () => {
  standIn = await SkypilotApiStandIn.start();
  const address = { endpoint: standIn.endpoint };
  orchestrator = new SkypilotApiOrchestrator({ address, clock: systemClock, otherRegions: false });
});
afterEach(async () => {
  await orchestrator.close();
  await standIn.close();
});

function foreseen(changes: Partial<LaunchRequestInput> = {}) {
  const asked = launchRequestSchema.parse({ provider: 'aws', gpu: 'A100', model: 'org/model', ...changes });
  const { kind, judge } = orchestrator;
  return foreseenRequest(asked, { orchestrator: kind, judge, clock: systemClock });
}

describe('the judgement of SkyPilot before a launch is stored', () => {
  test('spot is the default where the provider has spot machines today, whatever our list has', async () => {
    standIn.tasks.without.spot.add('aws');
    expect(await foreseen()).toMatchObject({ useSpot: false });
    expect(await foreseen({ provider: 'lambda' })).toMatchObject({ useSpot: true });
    await expect(foreseen({ useSpot: true })).rejects.toMatchObject({ field: 'useSpot' });
    const several = await foreseen({ anyOf: [{ provider: 'aws' }, { provider: 'gcp' }] });
    expect(several.anyOf?.map(({ spot }) => spot)).toEqual([false, true]);
  });

  test('a provider whose ports cannot be opened is refused, and one whose ports can be opened today is not', async () => {
    standIn.tasks.without.ports.add('gcp');
    await expect(foreseen({ provider: 'gcp' })).rejects.toMatchObject({
      field: 'provider',
      message: expect.stringContaining('cannot open ports at gcp'),
    });
    expect(await foreseen({ provider: 'hyperbolic' })).toMatchObject({ provider: 'hyperbolic' });
  });

  test.each([
    [
      { region: 'mars-1' },
      { type: 'ValueError', message: "Invalid region 'mars-1'\nList of regions: x" },
      'region',
    ],
    [{ image: 'a/b' }, { type: 'ValueError', message: 'Docker image a/b is not supported' }, 'image'],
    [
      { taskYaml: 'run: x' },
      { type: 'InvalidSkyPilotConfigError', message: 'Invalid task YAML' },
      'taskYaml',
    ],
  ] as const)(
    'a request with %j that it refuses with %j is refused, and the field is named',
    async (changes, fault, field) => {
      standIn.tasks.faults.push(fault);
      await expect(foreseen(changes)).rejects.toMatchObject({ field, code: 'invalid_request' });
    },
  );

  test('the values of secrets are not sent with the question', async () => {
    await foreseen({ secrets: { HF_TOKEN: 'hf_secret' }, endpointAuth: 'generated' });
    expect(JSON.stringify(standIn.bodies)).not.toContain('hf_secret');
    expect(JSON.stringify(standIn.bodies)).toContain('VLLM_API_KEY');
  });

  test.each([
    [
      'an error that is not about the task',
      () => standIn.tasks.faults.push({ type: 'CloudError', message: 'x' }),
    ],
    ['a server that does not answer', () => (standIn.tasks.dumb = true)],
    ['a server that is overloaded', () => standIn.refusals.push(503, 503, 503, 503)],
  ])('%s refuses nothing', async (_, happen) => {
    happen();
    expect(await foreseen()).toMatchObject({ provider: 'aws', useSpot: true });
  });

  test('what was too slow for the request fails before anything is submitted', async () => {
    standIn.tasks.faults.push({ type: 'ValueError', message: 'No such label' });
    const seen: Observation[] = [];
    const { signal } = new AbortController();
    for await (const one of orchestrator.launch(skypilotLaunchSpec(), signal)) seen.push(one);
    expect(seen.at(-1)).toMatchObject({
      kind: 'failed',
      message: 'SkyPilot refuses the task: No such label',
    });
    expect(seen.some(({ kind }) => kind === 'submitted')).toBe(false);
    expect(standIn.launches).toBe(0);
  });

  test('the doctor names what each cloud lacks', async () => {
    standIn.tasks.without.spot.add('lambda');
    standIn.tasks.without.ports.add('lambda');
    const examine = () => Promise.resolve({ name: 'SkyPilot', clouds: ['Lambda', 'AWS'] });
    const { kind, judge } = orchestrator;
    expect(await launchingCheck({ kind, judge, examine }).look()).toMatchObject([
      { status: 'ok', message: 'SkyPilot, with Lambda (no spot machines, no open ports), AWS' },
    ]);
  });
});
