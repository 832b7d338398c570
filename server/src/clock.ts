/** Time as a port. The server takes time from here, so that tests need not sleep. */
export interface Clock {
  /** The wall clock in milliseconds since 1970, for timestamps. It may jump. */
  now(): number;
  /** Milliseconds since an arbitrary moment, for durations. It never jumps. */
  monotonic(): number;
  /** Resolves after `ms`, or rejects with the signal's reason. An aborted wait leaves no timer behind. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Runs `task` every `ms` until the returned function is called. It does not keep the process alive. */
  every(ms: number, task: () => void): () => void;
  /** Runs `task` once after `ms`, unless the returned function is called first. It does not keep the process alive. */
  after(ms: number, task: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep,
  every(ms, task) {
    const timer = setInterval(task, ms);
    timer.unref();
    return () => clearInterval(timer);
  },
  after(ms, task) {
    const timer = setTimeout(task, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** Formats milliseconds since 1970 as RFC 3339 in UTC with milliseconds. */
export function timestampOf(ms: number): string {
  return new Date(ms).toISOString();
}
