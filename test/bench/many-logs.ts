import { setTimeout as sleep } from 'node:timers/promises';
import { PostgresServer } from '../support/postgres-server.js';
import { seedLaunches } from './launch-rows.js';
import { BenchRig } from './bench-rig.js';
import { cpuSeconds, type Worker } from './calls.js';
import { measureRenewal } from './lease-renewal.js';
import { rounded } from './statistics.js';

export interface ManyLogsPlan {
  /** Logs that are watched and silent. */
  readonly idleLogs: number;
  readonly idleSeconds: number;
  /** Logs with one reader each, and lines a second in all of them together. */
  readonly busyLogs: number;
  readonly busyPerSecond: number;
  readonly busySeconds: number;
}

export interface ManyLogsFindings {
  readonly plan: ManyLogsPlan;
  /** Percent of one core. */
  readonly idleCpuPercent: number;
  readonly microsPerLine: number;
  /** Of what should have been delivered. */
  readonly delivered: number;
  /** All logs in one event stream: bytes of a line, with its cursor. */
  readonly mergedBytesPerLine: number;
  /** The share of the lines that one such stream shows. */
  readonly mergedShare: number;
  readonly renewMs: number;
}

const SETTLE_MS = 2_000;
const WARM_UP_LINES = 10_000;
const MERGED_LINES_PER_LOG = 4;
export const LEASES = 10_000;
/** Nobody here launches: the rows belong to a kind of server that is not there. */
const ENVIRONMENT = { ARCHIVE_URL: 'none', HEARTBEAT_SECONDS: '60' };

/** One reader for each of many logs, idle and busy, on a server of its own with PostgreSQL. */
export async function measureManyLogs(plan: ManyLogsPlan): Promise<ManyLogsFindings> {
  const postgres = await PostgresServer.start();
  try {
    const rig = await BenchRig.start({ environment: { ...ENVIRONMENT, DATABASE_URL: postgres.url } });
    try {
      const nodeIds = await seedLaunches(postgres.url, plan.idleLogs);
      const writer = await rig.worker('many-writer-worker', { redisUrl: rig.redis.url });
      await writer.call('claim', nodeIds.slice(0, plan.busyLogs));
      const readers = await rig.worker('reader-worker', rig.everyLog());
      await readers.call('follow', nodeIds);
      await readers.call('open', plan.idleLogs);
      await sleep(SETTLE_MS);
      const idleCpuPercent = await idleCpu(rig.app.pid, plan.idleSeconds);
      const busy = await busyCost(rig.app.pid, { plan, writer, readers });
      await readers.stop();
      const merged = await mergedBytes(rig, writer, plan);
      const renewMs = await measureRenewal(postgres.url, LEASES);
      return { plan, idleCpuPercent, ...busy, ...merged, renewMs };
    } finally {
      await rig.close();
    }
  } finally {
    await postgres.stop();
  }
}

async function mergedBytes(
  rig: BenchRig,
  writer: Worker,
  { busyLogs, busyPerSecond }: ManyLogsPlan,
): Promise<Pick<ManyLogsFindings, 'mergedBytesPerLine' | 'mergedShare'>> {
  const reader = await rig.worker('reader-worker', rig.mergedStream());
  await reader.call('open', 1);
  await sleep(SETTLE_MS);
  await reader.call('reset');
  const count = busyLogs * MERGED_LINES_PER_LOG;
  await writer.call('write', { count, perSecond: busyPerSecond / 2 });
  await sleep(SETTLE_MS);
  const { delivered, bytes } = await reader.call<{ delivered: number; bytes: number }>('counts');
  return { mergedBytesPerLine: rounded(bytes / delivered), mergedShare: rounded(delivered / count) };
}

async function idleCpu(pid: number, seconds: number): Promise<number> {
  const before = cpuSeconds(pid);
  await sleep(seconds * 1_000);
  return rounded(((cpuSeconds(pid) - before) / seconds) * 100);
}

async function busyCost(
  pid: number,
  { plan, writer, readers }: { plan: ManyLogsPlan; writer: Worker; readers: Worker },
): Promise<Pick<ManyLogsFindings, 'microsPerLine' | 'delivered'>> {
  const count = plan.busyPerSecond * plan.busySeconds;
  // Until the code is compiled and the heap has its size.
  await writer.call('write', { count: WARM_UP_LINES, perSecond: 2 * plan.busyPerSecond });
  await sleep(SETTLE_MS);
  await readers.call('reset');
  const before = cpuSeconds(pid);
  await writer.call('write', { count, perSecond: plan.busyPerSecond });
  await sleep(SETTLE_MS);
  const { delivered } = await readers.call<{ delivered: number }>('counts');
  return {
    microsPerLine: rounded(((cpuSeconds(pid) - before) * 1e6) / count),
    delivered: delivered / count,
  };
}
