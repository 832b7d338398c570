import type { TimeLimit } from './deadline.js';

/**
 * Settles as `answer` does, or resolves to `otherwise` when there is no answer in time. The work is not stopped: it may still
 * have its effect, and a late answer or rejection is ignored.
 */
export async function answerWithin<Answer, Otherwise>(
  { clock, ms }: TimeLimit,
  answer: Promise<Answer>,
  otherwise: Otherwise,
): Promise<Answer | Otherwise> {
  let cancelTimer: () => void = () => undefined;
  const late = new Promise<Otherwise>((resolve) => {
    cancelTimer = clock.after(ms, () => resolve(otherwise));
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    cancelTimer();
  }
}
