import { setTimeout as sleep } from 'node:timers/promises';

/** How long a test waits for anything: as long as a busy machine may need. */
export const WAIT_MS = 45_000;

/** How long a test waits for a build of the workspaces, or for packages that are installed. */
export const BUILD_MS = 4 * WAIT_MS;

/** What the work comes to; an error that names it when it takes far longer than even a busy machine would need. */
export async function within<Value>(what: string, work: Promise<Value>, waitMs = WAIT_MS): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${waitMs} ms`)), waitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

const POLL_MS = 20;

/**
 * Asks until the answer is neither `undefined` nor `false`, and returns that answer. Throws an error that describes
 * what was awaited when it takes far longer than even a busy machine would need. An error of `ask` ends the wait.
 */
export async function eventually<Value>(
  what: string | (() => string | Promise<string>),
  ask: () => Value | undefined | false | Promise<Value | undefined | false>,
  waitMs = WAIT_MS,
): Promise<Value> {
  const deadlineMs = performance.now() + waitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadlineMs) {
      throw new Error(`still waiting after ${waitMs} ms: ${typeof what === 'string' ? what : await what()}`);
    }
    await sleep(POLL_MS);
  }
}
