import { describe, expect, test } from 'vitest';
import { readWeightFetchBar, WeightFetch } from '@launchlog/server/orchestrator/output/weight-bar';

describe('a bar of a download of weights', () => {
  test.each([
    [
      'Fetching weights:  12%| 1.20G/9.80G [00:12<01:30, 95.3MB/s]',
      { percent: 12, bytes: 1.2e9, bytes_total: 9.8e9, bytes_per_second: 95_300_000, eta_seconds: 90 },
    ],
    [
      'model-00001-of-00004.safetensors:   8%|▊         | 410M/4.98G [00:05<1:00:55, 82.0MB/s]',
      { percent: 8, bytes: 410e6, bytes_total: 4.98e9, bytes_per_second: 82e6, eta_seconds: 3_655 },
    ],
    [
      'model.safetensors:   8% 72.9M/892M [00:01<00:11, 70.1MB/s]',
      { percent: 8, bytes: 72.9e6, bytes_total: 892e6, bytes_per_second: 70.1e6, eta_seconds: 11 },
    ],
    [
      'Reconstructing (incomplete total...):  33%|███▎      | 3.00GB / 9.00GB,  500MB/s',
      { percent: 33, bytes: 3e9, bytes_total: 9e9, bytes_per_second: 500e6, eta_seconds: 12 },
    ],
    [
      'pytorch_model.bin:   0%|          | 0.00/892M [00:00<?, ?B/s]',
      { percent: 0, bytes: 0, bytes_total: 892e6 },
    ],
  ])('%j has bytes, rate and remaining time', (line, details) => {
    expect(readWeightFetchBar(line)?.details).toEqual(details);
  });

  test.each([
    'tokenizer.json: 100%|██████████| 9.09M/9.09M [00:00<00:00, 30.1MB/s]',
    'Fetching 6 files: 100%|██████████| 6/6 [00:00<00:00, 2605.43it/s]',
    'Loading safetensors checkpoint shards:  25% Completed | 1/4 [00:01<00:03,  1.21s/it]',
    'Downloading torch (858.1MiB)',
  ])('%j is no bar of fetched weights', (line) => {
    expect(readWeightFetchBar(line)).toBeUndefined();
  });
});

test('a bar for each of several files counts as its part of all of them', () => {
  const fetch = new WeightFetch();
  const bar = (file: number, percent: number) => ({
    name: `model-0000${file}-of-00004.safetensors`,
    percent,
    details: {},
  });
  expect([bar(1, 50), bar(2, 50), bar(1, 100), bar(3, 100)].map((each) => fetch.read(each))).toEqual([
    0.125, 0.25, 0.375, 0.625,
  ]);
  expect(fetch.read({ name: 'Fetching weights', percent: 40, details: {} })).toBe(0.4);
});
