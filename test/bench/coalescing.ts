import { inRounds, ratio } from './bench-rounds.js';
import type { BenchRig } from './bench-rig.js';
import type { FanOutRound } from './fan-out.js';
import { summarise, type Summary } from './statistics.js';

interface TransportFindings {
  readonly deliveriesPerCpuSecond: Summary;
  /** How much of the coalescing loop's deliveries for a second of CPU ours makes, round by round. */
  readonly vsBare: Summary;
  /** Ours over the coalescing loop's, round by round. */
  readonly p99VsBare: Summary;
}

export interface CoalescingFindings {
  readonly sse: TransportFindings;
  readonly trpc: TransportFindings;
}

interface CoalescingLoad {
  readonly rounds: number;
  readonly readers: number;
  readonly lines: number;
  readonly perSecond: number;
}

/** Ours under a load at which lines are delivered together, beside the smallest loops that deliver them together. */
export async function measureCoalescing(rig: BenchRig, load: CoalescingLoad): Promise<CoalescingFindings> {
  const rounds = await inRounds(
    rig,
    [
      rig.ourSse(await rig.openLog()),
      await rig.rival('coalescing-sse'),
      rig.ourTrpc(await rig.openLog()),
      await rig.rival('coalescing-websocket'),
    ],
    load,
  );
  return {
    sse: findingsOf(rounds['Launchlog SSE'], rounds['coalescing-sse']),
    trpc: findingsOf(rounds['Launchlog tRPC'], rounds['coalescing-websocket']),
  };
}

function findingsOf(ours: readonly FanOutRound[] = [], bare: readonly FanOutRound[] = []): TransportFindings {
  return {
    deliveriesPerCpuSecond: summarise(ours.map((round) => Math.round(1e6 / round.cpuMicrosPerDelivery))),
    vsBare: ratio(bare, ours, (round) => round.cpuMicrosPerDelivery),
    p99VsBare: ratio(ours, bare, (round) => round.p99Ms),
  };
}
