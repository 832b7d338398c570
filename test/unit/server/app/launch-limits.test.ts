import { describe, expect, it } from 'vitest';
import { launchLimitsOf } from '@launchlog/server/app/launch-limits';
import { readConfig } from '@launchlog/server/config';
import { LAUNCH_LIMITS } from '@launchlog/server/launch/launch-limits';

describe('the limits of launches', () => {
  it('are the usual ones where nothing is configured', () => {
    expect(launchLimitsOf(readConfig({}))).toEqual({ ...LAUNCH_LIMITS, heartbeatMs: 3_333 });
  });

  it('follow the environment, and a lease survives two lost heartbeats', () => {
    const limits = launchLimitsOf(
      readConfig({
        PROVISIONING_TIMEOUT_MINUTES: '90',
        INSTALLING_TIMEOUT_MINUTES: '1.5',
        MODEL_LOADING_TIMEOUT_MINUTES: '120',
        HEALTH_CHECK_TIMEOUT_MINUTES: '5',
        LEASE_SECONDS: '30',
        MAX_RUNNING_LAUNCHES: '3',
      }),
    );
    expect(limits.phaseDeadlineMs).toEqual({
      ...LAUNCH_LIMITS.phaseDeadlineMs,
      provisioning: 90 * 60_000,
      installing: 90_000,
      model_loading: 120 * 60_000,
      health_check: 5 * 60_000,
    });
    expect(limits).toMatchObject({ leaseMs: 30_000, heartbeatMs: 10_000, maxRunning: 3 });
  });

  it('refuse what would never do, and name the variable', () => {
    expect(() => readConfig({ LEASE_SECONDS: '0.5' })).toThrow(/LEASE_SECONDS/);
    expect(() => readConfig({ INSTALLING_TIMEOUT_MINUTES: '0' })).toThrow(/INSTALLING_TIMEOUT_MINUTES/);
  });
});
