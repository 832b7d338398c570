import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const ANSWER_WITHIN_MS = 20_000;

/** Arguments of Node for a process whose memory is measured. It is given `MEMORY_FILE` as a variable. */
export const MEASURED_MEMORY = [
  '--expose-gc',
  '--import',
  new URL('./memory-probe.js', import.meta.url).pathname,
] as const;

/** Bytes that are alive in a process after a forced collection, in its heap and outside. `file` is its `MEMORY_FILE`. */
export async function liveBytes(pid: number, file: string): Promise<number> {
  const answer = `${file}.${pid}`;
  rmSync(answer, { force: true });
  process.kill(pid, 'SIGUSR2');
  const end = performance.now() + ANSWER_WITHIN_MS;
  while (!existsSync(answer)) {
    if (performance.now() > end) throw new Error('the process did not report its memory');
    await sleep(20);
  }
  const { heapUsed, external } = JSON.parse(readFileSync(answer, 'utf8')) as NodeJS.MemoryUsage;
  return heapUsed + external;
}
