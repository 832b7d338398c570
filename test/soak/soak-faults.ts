import { setTimeout as sleep } from 'node:timers/promises';
import type { SoakWorld } from './soak-world.js';

/** What goes wrong while launches run; none of it loses data. Times in milliseconds. */
type Fault = (world: SoakWorld, ms: number) => Promise<unknown>;

const FAULTS: Readonly<Record<string, Fault>> = {
  'a server is killed': async ({ mortal }, ms) => {
    await mortal.down('SIGKILL');
    await sleep(ms);
    await mortal.up();
  },
  'a server is stopped': async ({ mortal }, ms) => {
    await mortal.down('SIGTERM');
    await sleep(ms);
    await mortal.up();
  },
  'Redis is killed': async ({ redis }, ms) => {
    await redis.kill();
    await sleep(ms);
    await redis.launch();
  },
  'Redis hangs': async ({ redis }, ms) => {
    redis.freeze();
    await sleep(ms);
    redis.thaw();
  },
  'PostgreSQL is away': async ({ postgres }, ms) => {
    await postgres.pause();
    await sleep(ms);
    await postgres.resume();
  },
};
const CUT = 'all readers are cut off';

const PAUSE_MIN_MS = 5_000;
const PAUSE_SPREAD_MS = 15_000;
const AWAY_MAX_MS = 8_000;

/** Faults one after another, with pauses, until `signal`. The world is whole again at the end. Counts each by its name. */
export async function soakFaults(
  world: SoakWorld,
  { cut, signal }: { cut: ReadonlySet<() => void>; signal: AbortSignal },
): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  const names = [...Object.keys(FAULTS), CUT];
  for (;;) {
    await sleep(PAUSE_MIN_MS + Math.random() * PAUSE_SPREAD_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return counts;
    const name = names[Math.floor(Math.random() * names.length)] ?? CUT;
    counts[name] = (counts[name] ?? 0) + 1;
    if (name === CUT) for (const each of cut) each();
    else await FAULTS[name]?.(world, Math.random() * AWAY_MAX_MS);
  }
}
