import type { ManyLogsPlan } from './many-logs.js';

/** How much is measured. */
export interface BenchPlan {
  readonly name: 'quick' | 'full';
  readonly cpu: { readonly rounds: number; readonly readers: number; readonly lines: number };
  /** The others are far from the limit: they need fewer rounds. */
  readonly rivals: { readonly rounds: number; readonly readers: number; readonly lines: number };
  readonly latency: readonly {
    readonly readers: number;
    readonly perSecond: number;
    readonly lines: number;
    readonly rounds: number;
  }[];
  /** More lines than a write for each could deliver; the rate and the readers are the same in every plan. */
  readonly saturation: { readonly lines: number; readonly rounds: number };
  /** Ours against loops that coalesce as ours do, at 1,000 readers and 100 lines a second. */
  readonly busy: { readonly lines: number; readonly rounds: number };
  readonly manyLogs: ManyLogsPlan;
  readonly idleReaders: number;
  readonly appends: { readonly count: number; readonly appends: number };
  readonly appendLines: number;
}

export const QUICK: BenchPlan = {
  name: 'quick',
  cpu: { rounds: 8, readers: 400, lines: 100 },
  rivals: { rounds: 1, readers: 100, lines: 100 },
  latency: [
    { readers: 1, perSecond: 100, lines: 60, rounds: 1 },
    { readers: 100, perSecond: 100, lines: 60, rounds: 1 },
    { readers: 1_000, perSecond: 20, lines: 30, rounds: 2 },
  ],
  saturation: { lines: 400, rounds: 3 },
  busy: { lines: 200, rounds: 2 },
  manyLogs: {
    idleLogs: [2_000],
    idleSeconds: 8,
    busyLogs: 1_000,
    busyPerSecond: 4_000,
    busySeconds: 3,
    mergedSeconds: 4,
    processSeconds: 3,
  },
  idleReaders: 1_000,
  appends: { count: 6, appends: 200 },
  appendLines: 30_000,
};

export const FULL: BenchPlan = {
  name: 'full',
  cpu: { rounds: 15, readers: 400, lines: 250 },
  rivals: { rounds: 3, readers: 100, lines: 300 },
  latency: [
    { readers: 1, perSecond: 100, lines: 500, rounds: 3 },
    { readers: 100, perSecond: 100, lines: 300, rounds: 3 },
    { readers: 1_000, perSecond: 20, lines: 60, rounds: 9 },
    { readers: 1_000, perSecond: 100, lines: 300, rounds: 3 },
  ],
  saturation: { lines: 2_000, rounds: 5 },
  busy: { lines: 400, rounds: 7 },
  manyLogs: {
    idleLogs: [2_000, 10_000],
    idleSeconds: 30,
    busyLogs: 1_000,
    busyPerSecond: 4_000,
    busySeconds: 15,
    mergedSeconds: 20,
    processSeconds: 15,
  },
  idleReaders: 9_000,
  appends: { count: 20, appends: 500 },
  appendLines: 200_000,
};

/** Lines a second while CPU is measured: each is a write of its own. */
export const CPU_PER_SECOND = 100;
export const SATURATION = { readers: 1_000, perSecond: 400 };
export const BUSY = { readers: 1_000, perSecond: 100 };
