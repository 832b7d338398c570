import { loadavg } from 'node:os';
import { measureAppends } from './append-cost.js';
import { BUSY, CPU_PER_SECOND, SATURATION, type BenchPlan } from './bench-plan.js';
import { BenchRig, type Contender } from './bench-rig.js';
import type { Worker } from './calls.js';
import { centrifugo } from './rival/centrifugo-peer.js';
import { inRounds, ratio, type Rounds } from './bench-rounds.js';
import { measureCoalescing, type CoalescingFindings } from './coalescing.js';
import { FanOut, type FanOutRound } from './fan-out.js';
import { measureIdleMemory, type IdleMemory } from './idle-memory.js';
import { measureManyLogs, type ManyLogsFindings } from './many-logs.js';
import { mercure } from './rival/mercure-peer.js';
import { summarise, type Summary } from './statistics.js';

interface PairLatency {
  readonly readers: number;
  readonly perSecond: number;
  readonly name: string;
  readonly p50Ms: Summary;
  readonly p99Ms: Summary;
  readonly delivered: number;
}

export interface BenchFindings {
  readonly plan: BenchPlan;
  readonly loadBefore: number;
  /** Microseconds of the server's CPU for a delivery, by contender. */
  readonly cpu: Readonly<Record<string, Summary>>;
  /** Bare over ours, round by round: how much of the bare loop's deliveries for a second of CPU ours makes. */
  readonly sseVsBare: Summary;
  readonly trpcVsBare: Summary;
  readonly latencies: readonly PairLatency[];
  /** Ours over bare, round by round; the worse of the two transports. */
  readonly p99VsBare: { readonly sse: Summary; readonly trpc: Summary };
  /** Each against a loop that coalesces as well. */
  readonly saturated: CoalescingFindings;
  readonly busy: CoalescingFindings;
  readonly manyLogs: ManyLogsFindings;
  readonly idle: IdleMemory;
  readonly appendMicros: Record<100 | 10_000, Summary>;
  readonly appendsPerSecond: number;
  readonly replayMs: { readonly sse: number; readonly trpc: number };
  readonly redisCommandsPerDelivery: number;
}

interface BenchOptions {
  readonly plan: BenchPlan;
  readonly say: (text: string) => void;
  /** Paths of the binaries of servers that are measured too where they are given. */
  readonly binaries: { readonly centrifugo?: string | undefined; readonly mercure?: string | undefined };
}

/** Everything, one after another, on one machine in one run. */
export async function runBench({ plan, say, binaries }: BenchOptions): Promise<BenchFindings> {
  const loadBefore = loadavg()[0] ?? 0;
  const rig = await BenchRig.start();
  try {
    say('CPU of a delivery, ours against bare loops');
    const { rounds, redisCommandsPerDelivery } = await measureCpu(rig, plan);
    say('CPU of a delivery, others');
    const others = await measureRivals(rig, plan, binaries);
    say('latency');
    const { latencies, p99VsBare } = await measureLatencies(rig, plan);
    say('saturation, against loops that coalesce too');
    const saturated = await measureCoalescing(rig, { ...SATURATION, ...plan.saturation });
    const busy = await measureCoalescing(rig, { ...BUSY, ...plan.busy });
    say('appends and replay');
    const appendMicros = await measureAppends(rig.redis.url, plan.appends);
    const filled = await rig.openLog();
    const seconds = await filled.writer.call<number>('write', { count: plan.appendLines });
    const replayMs = {
      sse: await replay(rig, rig.ourSse(filled, 10_000)),
      trpc: await replay(rig, rig.ourTrpc(filled, 10_000)),
    };
    await rig.close();
    say('many logs, idle and busy');
    const manyLogs = await measureManyLogs(plan.manyLogs);
    say('memory of idle readers');
    const idle = await measureIdleMemory(plan.idleReaders);
    return {
      plan,
      loadBefore,
      cpu: { ...cpuOf(rounds), ...cpuOf(others) },
      ...vsBare(rounds),
      latencies,
      p99VsBare,
      saturated,
      busy,
      manyLogs,
      idle,
      appendMicros,
      appendsPerSecond: Math.round(plan.appendLines / seconds),
      replayMs,
      redisCommandsPerDelivery,
    };
  } finally {
    await rig.close();
  }
}

export function vsBare(rounds: Rounds) {
  return {
    sseVsBare: ratio(rounds['bare-sse'], rounds['Launchlog SSE'], cpuMicros),
    trpcVsBare: ratio(rounds['bare-websocket'], rounds['Launchlog tRPC'], cpuMicros),
  };
}

const cpuMicros = (round: FanOutRound): number => round.cpuMicrosPerDelivery;
const p99 = (round: FanOutRound): number => round.p99Ms;

export function cpuOf(rounds: Rounds): Record<string, Summary> {
  return Object.fromEntries(
    Object.entries(rounds).map(([name, each]) => [name, summarise(each.map(cpuMicros))]),
  );
}

export async function measureCpu(rig: BenchRig, { cpu }: BenchPlan) {
  const commands = () => rig.redis.with(async (redis) => commandsOf(await redis.info('commandstats')));
  const rounds = await inRounds(rig, await ourFour(rig), {
    ...cpu,
    perSecond: CPU_PER_SECOND,
    warmsUp: true,
  });
  const reader = await FanOut.open(rig, rig.ourSse(await rig.openLog()), cpu.readers);
  const before = await commands();
  const { deliveries } = await reader.round({ lines: cpu.lines, perSecond: CPU_PER_SECOND });
  const redisCommandsPerDelivery = ((await commands()) - before) / deliveries;
  await reader.close();
  return { rounds, redisCommandsPerDelivery };
}

async function measureRivals(
  rig: BenchRig,
  { rivals }: BenchPlan,
  binaries: BenchOptions['binaries'],
): Promise<Rounds> {
  const contenders = [
    await rig.rival('socket-io'),
    await rig.rival('stock-trpc'),
    await rig.poller(await rig.openLog()),
  ];
  if (binaries.centrifugo !== undefined) contenders.push(await rig.peer(centrifugo, binaries.centrifugo));
  if (binaries.mercure !== undefined) contenders.push(await rig.peer(mercure, binaries.mercure));
  return inRounds(rig, contenders, { ...rivals, perSecond: CPU_PER_SECOND });
}

export async function measureLatencies(rig: BenchRig, plan: BenchPlan) {
  const latencies: PairLatency[] = [];
  let target: Rounds = {};
  for (const load of plan.latency) {
    const rounds = await inRounds(rig, await ourFour(rig), load);
    if (load.readers === 1_000 && load.perSecond === 20) target = rounds;
    for (const [name, each] of Object.entries(rounds)) {
      latencies.push({
        readers: load.readers,
        perSecond: load.perSecond,
        name,
        p50Ms: summarise(each.map(({ p50Ms }) => p50Ms)),
        p99Ms: summarise(each.map(p99)),
        delivered: Math.min(...each.map(({ delivered }) => delivered)),
      });
    }
  }
  const p99VsBare = {
    sse: ratio(target['Launchlog SSE'], target['bare-sse'], p99),
    trpc: ratio(target['Launchlog tRPC'], target['bare-websocket'], p99),
  };
  return { latencies, p99VsBare };
}

async function ourFour(rig: BenchRig): Promise<Contender[]> {
  return [
    rig.ourSse(await rig.openLog()),
    await rig.rival('bare-sse'),
    rig.ourTrpc(await rig.openLog()),
    await rig.rival('bare-websocket'),
  ];
}

/** Milliseconds from the connect of a reader until it has the 10,000 entries that are there. */
async function replay(rig: BenchRig, contender: Contender): Promise<number> {
  const reader: Worker = await rig.worker('reader-worker', contender.protocol);
  const start = performance.now();
  await reader.call('open', 1);
  const end = start + 20_000;
  for (;;) {
    const { delivered } = await reader.call<{ delivered: number }>('counts');
    if (delivered >= 10_000 || performance.now() > end) break;
  }
  await reader.stop();
  return performance.now() - start;
}

function commandsOf(stats: string): number {
  return [...stats.matchAll(/calls=(\d+)/g)].reduce((sum, [, calls]) => sum + Number(calls), 0);
}
