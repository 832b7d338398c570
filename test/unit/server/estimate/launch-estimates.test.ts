import { systemClock } from '@launchlog/server/clock';
import { LaunchEstimates } from '@launchlog/server/estimate/launch-estimates';
import type { PlaceRecords } from '@launchlog/server/estimate/place-records';
import type { Market } from '@launchlog/server/orchestrator/market/market';
import type { LaunchRequest } from '@launchlog/shared/launch-request';
import { describe, expect, test } from 'vitest';
import { launchRequest } from '../../../support/sample/new-node.js';

const OFFERS = [
  { cloud: 'AWS', region: 'us-west-2', gpus: 'A100:8', spot: true, price: 12 },
  { cloud: 'Kubernetes', region: 'team', spot: false },
];
const RECORD = { scope: 'region', launches: 9, rate: 0.5, median: 600, p95: 900 } as const;

function estimates(market: (request: LaunchRequest) => Promise<Market>, problems: string[] = []) {
  const records: PlaceRecords = {
    of: (places) =>
      Promise.resolve(
        places.map(({ gpu }) => ({
          record: { ...RECORD, failure: 'quota' },
          paidSeconds: gpu === 'A100' ? 450 : 1,
        })),
      ),
  };
  return new LaunchEstimates({
    orchestrator: { kind: 'skypilot-api', market },
    records,
    clock: systemClock,
    onProblem: (problem) => problems.push(problem),
  });
}

describe('an estimate', () => {
  test('has offers with their records, and the cost of the first', async () => {
    const estimate = await estimates(() => Promise.resolve({ offers: OFFERS })).estimate(launchRequest(), {});
    expect(estimate).toMatchObject({ hourlyCost: 12, costUntilActive: 1.5, secondsUntilActive: 600 });
    expect(estimate.offers).toEqual([
      { ...OFFERS[0], chosen: true, start: 1.5, record: { ...RECORD, failure: 'quota' } },
      { ...OFFERS[1], chosen: false, record: { ...RECORD, failure: 'quota' } },
    ]);
  });

  test('never sends secrets', async () => {
    const asked: LaunchRequest[] = [];
    const market = (request: LaunchRequest) => {
      asked.push(request);
      return Promise.resolve({ offers: [], problem: 'sold out' });
    };
    const request = launchRequest({ secrets: { HF_TOKEN: 'hf_abcdefgh' } });
    expect(await estimates(market).estimate(request, {})).toEqual({ offers: [], problem: 'sold out' });
    expect(JSON.stringify(asked)).not.toContain('hf_abcdefgh');
  });

  test('is refused for what cannot be launched, and unavailable while SkyPilot cannot be asked', async () => {
    const problems: string[] = [];
    const away = estimates(() => Promise.reject(new Error('connection refused')), problems);
    await expect(away.estimate(launchRequest({ vllmArgs: "'" }), {})).rejects.toMatchObject({
      code: 'invalid_request',
    });
    await expect(away.estimate(launchRequest(), {})).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('connection refused'),
    });
    expect(problems).toHaveLength(1);
  });
});
