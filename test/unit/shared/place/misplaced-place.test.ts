import { doubtfulName, misplacedPlace } from '@launchlog/shared/place/misplaced-place';
import { expect, test } from 'vitest';

test.each([
  ['us-wets-2', 'us-west-2'],
  ['us-west2', 'us-west-2'],
  ['useast1', 'us-east-1'],
  ['us-west-1', undefined],
  ['nowhere', undefined],
])('%s is none of the known regions, and probably meant %s', (typed, meant) => {
  expect(doubtfulName(typed, ['us-west-2', 'us-east-1'])).toEqual({ meant });
});

test.each([
  ['US-WEST-2', ['us-west-2']],
  [' us-west-2 ', ['us-west-2']],
  ['', ['us-west-2']],
  ['anywhere', []],
])('there is no doubt about %j among %j', (typed, known) => {
  expect(doubtfulName(typed, known)).toBeUndefined();
});

test.each(['tesla-t4', 'nvidia-h100', 'tpu-v4', 'MI300X', 'gaudi-hl225'])('%s may be a GPU', (gpu) => {
  expect(misplacedPlace({ provider: 'aws', region: '', gpu })).toEqual({});
});

test.each(['us-west-2', 'US-East1', 'europe-west4-a', 'southamerica-east1', 'westus2', 'eu-north1'])(
  '%s is a region',
  (gpu) => {
    expect(misplacedPlace({ provider: 'aws', region: '', gpu })).toEqual({ gpu: 'is a region, not a GPU' });
  },
);
