import { expect, test } from 'vitest';
import { CachedLaunchMetrics } from '@launchlog/server/metrics/cached-launch-metrics';
import type { LaunchMetricsReader } from '@launchlog/server/metrics/launch-metrics';
import { FakeClock } from '../../../support/fake/fake-clock.js';

function cacheOver(answer: () => Promise<unknown>) {
  const clock = new FakeClock();
  const asked: object[] = [];
  const ask = (query: object) => {
    asked.push(query);
    return answer();
  };
  const reader = { launches: ask, phases: ask } as unknown as LaunchMetricsReader;
  return { cache: new CachedLaunchMetrics(reader, clock), clock, asked };
}

test('callers that ask the same within five seconds share one question', async () => {
  const { cache, clock, asked } = cacheOver(() => Promise.resolve('numbers'));
  const query = { groupBy: ['provider' as const], tenantId: 'a' };
  const answers = Array.from({ length: 24 }, () => cache.launches(query));
  expect(new Set(await Promise.all(answers))).toEqual(new Set(['numbers']));
  expect(asked).toHaveLength(1);
  await cache.launches({ tenantId: 'a', groupBy: ['provider'], deploymentId: undefined });
  expect(asked).toHaveLength(1);
  await clock.advance(5_000);
  await cache.launches(query);
  expect(asked).toHaveLength(2);
});

test('callers of another tenant, or with another question, share nothing', async () => {
  const { cache, asked } = cacheOver(() => Promise.resolve('numbers'));
  await cache.launches({ groupBy: [], tenantId: 'a' });
  await cache.launches({ groupBy: [], tenantId: 'b' });
  await cache.launches({ groupBy: [] });
  await cache.phases({ provider: 'aws', gpu: 'A100' });
  expect(asked).toHaveLength(4);
});

test('a failure is not kept', async () => {
  let fails = true;
  const { cache } = cacheOver(() => (fails ? Promise.reject(new Error('away')) : Promise.resolve('numbers')));
  await expect(cache.launches({ groupBy: [] })).rejects.toThrow('away');
  fails = false;
  expect(await cache.launches({ groupBy: [] })).toBe('numbers');
});
