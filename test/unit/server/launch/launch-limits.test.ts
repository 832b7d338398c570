import { describe, expect, test } from 'vitest';
import { readConfig } from '@launchlog/server/config';
import { launchLimits } from '@launchlog/server/launch/launch-limits';

describe('the limits of launches', () => {
  test('follow the environment', () => {
    const limits = launchLimits(
      readConfig({
        PROVISIONING_TIMEOUT_MINUTES: '90',
        INSTALLING_TIMEOUT_MINUTES: '1.5',
        MODEL_LOADING_TIMEOUT_MINUTES: '120',
        HEALTH_CHECK_TIMEOUT_MINUTES: '5',
        LEASE_SECONDS: '30',
        MAX_RUNNING_LAUNCHES: '3',
      }),
    );
    expect(limits.phaseDeadlineMs).toMatchObject({
      provisioning: 90 * 60_000,
      installing: 90_000,
      model_loading: 120 * 60_000,
      health_check: 5 * 60_000,
    });
    expect(limits).toMatchObject({ leaseMs: 30_000, maxRunning: 3 });
  });

  test.each(['2', '10', '600'])('let a lease of %s s survive two lost heartbeats', (seconds) => {
    const { leaseMs, heartbeatMs } = launchLimits(readConfig({ LEASE_SECONDS: seconds }));
    expect(3 * heartbeatMs).toBeLessThanOrEqual(leaseMs);
    expect(4 * heartbeatMs).toBeGreaterThan(leaseMs);
  });

  test('refuse values that no launch could work with, and name the variable', () => {
    expect(() => readConfig({ LEASE_SECONDS: '0.5' })).toThrow(/LEASE_SECONDS/);
    expect(() => readConfig({ INSTALLING_TIMEOUT_MINUTES: '0' })).toThrow(/INSTALLING_TIMEOUT_MINUTES/);
  });
});
