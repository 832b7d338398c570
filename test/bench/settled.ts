import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from './calls.js';

const SETTLE_MS = 15_000;
/** For a contender that loses lines: it has got what it gets. */
const QUIET_MS = 1_500;
const POLL_MS = 25;

/** What readers have got since they were reset. */
interface Delivered {
  readonly delivered: number;
  readonly bytes: number;
}

/** Waits until these readers have got `due` lines together, or no more. */
export async function settled(readers: readonly Worker[], due: number): Promise<Delivered> {
  const end = performance.now() + SETTLE_MS;
  let last: Delivered = { delivered: -1, bytes: 0 };
  let changedAt = performance.now();
  for (;;) {
    const each = await Promise.all(readers.map((reader) => reader.call<Delivered>('counts')));
    const counts = each.reduce((sum, { delivered, bytes }) => ({
      delivered: sum.delivered + delivered,
      bytes: sum.bytes + bytes,
    }));
    const now = performance.now();
    if (counts.delivered !== last.delivered) changedAt = now;
    last = counts;
    if (counts.delivered >= due || now > end || now - changedAt > QUIET_MS) return counts;
    await sleep(POLL_MS);
  }
}
