import { describe, expect, it } from 'vitest';
import { Forecast } from '@launchlog/server/launch/forecast';
import { newLaunch } from '../../../support/sample/new-launch.js';

const PAST = [
  { phase: 'queued', samples: 9, medianSeconds: 1, p95Seconds: 2 },
  { phase: 'provisioning', samples: 9, medianSeconds: 60, p95Seconds: 100 },
  { phase: 'instance_ready', samples: 7, medianSeconds: 10, p95Seconds: 20 },
  { phase: 'model_loading', samples: 2, medianSeconds: 5_000, p95Seconds: 9_000 },
] as const;
const launch = { ...newLaunch(0), phase: 'provisioning' as const };

describe('Forecast', () => {
  it('adds what is usual of the phases ahead, less what of the present one has passed, with the least sample size', () => {
    expect(new Forecast(PAST, 5).eta(launch, 20_000)).toEqual({ seconds: 50, samples: 7 });
  });

  it('does not go below what lies ahead when the present phase takes longer than usual', () => {
    expect(new Forecast(PAST, 5).eta(launch, 600_000)).toEqual({ seconds: 10, samples: 7 });
  });

  it('leaves the time in the queue out', () => {
    expect(new Forecast(PAST, 5).eta(newLaunch(0), 600_000)).toEqual({ seconds: 70, samples: 7 });
    expect(new Forecast(PAST, 5).usual('queued')).toBeUndefined();
  });

  it('does not exist for too few launches, nor for a launch that has ended', () => {
    expect(new Forecast(PAST, 10).eta(launch, 0)).toBeUndefined();
    expect(new Forecast(PAST, 10).usual('provisioning')).toBeUndefined();
    expect(new Forecast(PAST, 5).eta({ ...launch, phase: 'active' }, 0)).toBeUndefined();
    expect(new Forecast([], 5).eta(launch, 0)).toBeUndefined();
  });

  it('knows how long a phase takes in 95 of 100 launches', () => {
    expect(new Forecast(PAST, 5).usual('provisioning')).toEqual({ p95Ms: 100_000, samples: 9 });
  });
});
