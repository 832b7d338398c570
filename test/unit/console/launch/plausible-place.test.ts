import { describe, expect, test } from 'vitest';
import { knownPlaces } from '@launchlog/console/launch/estimate/known-places';
import { doubts, misplacedNames } from '@launchlog/console/launch/estimate/plausible-place';
import { FIRST_LAUNCH_FORM } from '@launchlog/console/launch/launch-form';
import { sampleNode } from '../../../support/sample/sample-node.js';

const nodes = [
  sampleNode({ status: 'active', region: 'us-east-1', gpuType: 'MI300X' }),
  sampleNode({ status: 'active', region: 'us-east-1', gpuType: 'H100' }),
  sampleNode({ status: 'terminated', region: 'eu-west-1', gpuType: 'MI300X' }),
  sampleNode({ status: 'active', provider: 'gcp', region: 'my-own-place' }),
  sampleNode({ status: 'failed', region: 'mars-1', gpuType: 'us-west-2' }),
];
const machine = (fields: object) => ({
  provider: '',
  region: '',
  gpu: '',
  count: '',
  spot: '' as const,
  ...fields,
});
const known = knownPlaces(nodes, undefined, 'aws');

describe('names in the wrong field', () => {
  test.each([
    [
      { region: 'AWS' },
      { region: 'is a provider, not a region of aws: name one, or leave it empty for any' },
    ],
    [{ region: 'h100' }, { region: 'is a GPU, not a region: name one, or leave it empty for any' }],
    [{ gpu: 'us-west-2' }, { gpu: 'is a region, not a GPU: name one, such as A100' }],
    [
      { anyOf: [machine({}), machine({ provider: 'gcp', region: 'aws' })] },
      { anyOf: 'Machine 2: region is a provider, not a region of gcp' },
    ],
    [{ anyOf: [machine({ gpu: 'us-east-1' })] }, { anyOf: 'Machine 1: gpu is a region, not a GPU' }],
    [{ gpu: 'europe-west4' }, { gpu: 'is a region, not a GPU: name one, such as A100' }],
    [{ gpu: 'my-own-place' }, { gpu: 'is a region, not a GPU: name one, such as A100' }],
    [{ gpu: 'gcp' }, { gpu: 'is a provider, not a GPU: name one, such as A100' }],
  ])('%j is refused', (patch, errors) => {
    expect(misplacedNames({ ...FIRST_LAUNCH_FORM, ...patch }, known)).toEqual(errors);
  });

  test.each([
    {},
    { region: '' },
    { region: 'nowhere-yet' },
    { gpu: 'MI300X' },
    { gpu: 'RTX6000-Ada' },
    { gpu: 'tpu-v5e-8' },
    { gpu: 'A100-80GB' },
    { provider: 'kubernetes', region: 'aws' },
  ])('%j passes', (patch) => {
    expect(misplacedNames({ ...FIRST_LAUNCH_FORM, ...patch }, known)).toEqual({});
  });
});

test('suggestions are what launches of the provider used most, and what it offers now; failed launches prove nothing', () => {
  const offer = {
    cloud: 'AWS',
    region: 'ap-south-1',
    spot: true,
    chosen: true,
    record: { scope: 'region', launches: 0 },
  } as const;
  const places = knownPlaces(nodes, { offers: [offer] }, 'aws');
  expect(places.regions).toEqual(['us-east-1', 'ap-south-1', 'eu-west-1']);
  expect(places.gpus.slice(0, 2)).toEqual(['MI300X', 'H100']);
  expect(places.gpus).not.toContain('us-west-2');
});

test('a name that no launch has used is remarked on, with the one that was probably meant', () => {
  const form = { provider: 'aws', region: 'us-esat-1', gpu: 'B20O' };
  expect(doubts(form, known)).toEqual({
    region: 'No launch here has used it before. Did you mean us-east-1?',
    gpu: 'No launch here has used it before. Did you mean B200?',
  });
  expect(doubts({ ...form, provider: 'kubernetes', gpu: 'H100' }, known)).toEqual({});
  expect(doubts({ provider: 'aws', region: '', gpu: '' }, known)).toEqual({});
});
