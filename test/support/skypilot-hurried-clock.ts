import type { Clock } from '@launchlog/server/clock';
import { systemClock } from '@launchlog/server/clock';

/** A clock on which every wait is this many times shorter. */
export function hurriedClock(times: number): Clock {
  return {
    ...systemClock,
    monotonic: () => systemClock.monotonic() * times,
    sleep: (ms, signal) => systemClock.sleep(ms / times, signal),
    after: (ms, task) => systemClock.after(ms / times, task),
    every: (ms, task) => systemClock.every(ms / times, task),
  };
}
