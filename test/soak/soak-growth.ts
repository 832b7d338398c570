import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { liveBytes } from '../support/process/live-memory.js';
import type { SoakWorld } from './soak-world.js';

/** What the steady server holds while nobody asks for anything. */
export interface RestingServer {
  /** Launches before it. */
  readonly launches: number;
  /** MB after a forced collection. */
  readonly liveMb: number;
  readonly residentMb: number;
  readonly openFiles: number;
}

const MB = 1_024 * 1_024;
/** Until what serves readers that have just left is gone: subscriptions linger for 10 s, connections for 30. */
const REST_MS = 45_000;
/** What a collection, a table of compiled code or a pool of connections makes of it. */
const LIVE_NOISE_MB = 6;
const FILES_NOISE = 12;
/** One launch may leave this much in the caches that are bounded. */
const LIVE_KB_PER_LAUNCH = 2;

/** Waits until the server is at rest, and measures it. */
export async function atRest(world: SoakWorld, launches: number): Promise<RestingServer> {
  await sleep(REST_MS);
  const { pid } = world.steady;
  const live = await liveBytes(pid, world.memoryFile);
  const residentKb = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  return {
    launches,
    liveMb: live / MB,
    residentMb: residentKb / 1_024,
    openFiles: readdirSync(`/proc/${pid}/fd`).length,
  };
}

/** What grew more than it may from one rest to the next; each a sentence. */
export function growth(before: RestingServer, after: RestingServer): readonly string[] {
  const launches = after.launches - before.launches;
  const liveMb = after.liveMb - before.liveMb;
  const liveMax = LIVE_NOISE_MB + (launches * LIVE_KB_PER_LAUNCH) / 1_024;
  const files = after.openFiles - before.openFiles;
  return [
    ...(liveMb > liveMax
      ? [
          `the live memory grew by ${liveMb.toFixed(1)} MB in ${launches} launches, above ${liveMax.toFixed(1)}`,
        ]
      : []),
    ...(files > FILES_NOISE ? [`${files} more files are open after ${launches} launches`] : []),
  ];
}
