import type { Clock } from '@launchlog/server/clock';
import { systemClock } from '@launchlog/server/clock';

/** A clock on which every wait is this many times shorter. Deadlines of real sockets can be shortened less, for busy machines. */
export function hurriedClock(times: number, deadlineTimes = times): Clock {
  return {
    ...systemClock,
    monotonic: () => systemClock.monotonic() * times,
    sleep: (ms, signal) => systemClock.sleep(ms / times, signal),
    after: (ms, task) => systemClock.after(ms / deadlineTimes, task),
    every: (ms, task) => systemClock.every(ms / times, task),
  };
}
