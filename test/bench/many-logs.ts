import { setTimeout as sleep } from 'node:timers/promises';
import { PostgresServer } from '../support/backing-service/postgres-server.js';
import { seedLaunches } from './launch-rows.js';
import { BenchRig } from './bench-rig.js';
import { cpuSeconds, type Worker } from './calls.js';
import { measureRenewal } from './lease-renewal.js';
import { measureLaunchMetrics, type LaunchMetricsFindings } from './launch-metrics.js';
import { measureMerged, type MergedFindings } from './merged-load.js';
import { measureProcesses, type ProcessFindings } from './processes.js';
import { settled } from './settled.js';
import { rounded } from './statistics.js';

export interface ManyLogsPlan {
  /** Numbers of logs that are watched and silent, in rising order. */
  readonly idleLogs: readonly number[];
  readonly idleSeconds: number;
  /** Logs with one reader each, and lines a second in all of them together. */
  readonly busyLogs: number;
  readonly busyPerSecond: number;
  readonly busySeconds: number;
  /** All of the busy logs as one stream. */
  readonly mergedSeconds: number;
  /** Readers on one process, and then on several. */
  readonly processSeconds: number;
}

export interface ManyLogsFindings {
  readonly plan: ManyLogsPlan;
  /** Percent of one core, by watched logs. */
  readonly idleCpuPercent: Readonly<Record<number, number>>;
  readonly microsPerLine: number;
  /** The same of the smallest program that could do it. */
  readonly bareMicrosPerLine: number;
  /** The share of what should have been delivered. */
  readonly delivered: number;
  /** All logs in one event stream. */
  readonly merged: MergedFindings;
  readonly processes: ProcessFindings;
  readonly renewMs: number;
  readonly metrics: LaunchMetricsFindings;
}

const SETTLE_MS = 2_000;
const WARM_UP_LINES = 10_000;
export const LEASES = 10_000;
/** Nobody here launches: the rows belong to a kind of server that is not there. */
const ENVIRONMENT = { ARCHIVE_URL: 'none', HEARTBEAT_SECONDS: '60' };

/** One reader for each of many logs, idle and busy, on a server of its own with PostgreSQL; then what the database does alone. */
export async function measureManyLogs(plan: ManyLogsPlan): Promise<ManyLogsFindings> {
  const postgres = await PostgresServer.start();
  try {
    const logs = await measureLogs(postgres.url, plan);
    const renewMs = await measureRenewal(postgres.url, LEASES);
    return { plan, ...logs, renewMs, metrics: await measureLaunchMetrics(postgres.url) };
  } finally {
    await postgres.stop();
  }
}

async function measureLogs(
  databaseUrl: string,
  plan: ManyLogsPlan,
): Promise<Omit<ManyLogsFindings, 'plan' | 'renewMs' | 'metrics'>> {
  const rig = await BenchRig.start({ environment: { ...ENVIRONMENT, DATABASE_URL: databaseUrl } });
  try {
    // A stream of many nodes shows the oldest, so those with lines come first.
    const busyIds = await seedLaunches(databaseUrl, plan.busyLogs);
    const mostLogs = Math.max(...plan.idleLogs);
    const nodeIds = [...busyIds, ...(await seedLaunches(databaseUrl, mostLogs - plan.busyLogs))];
    const writer = await rig.worker('many-writer-worker', { redisUrl: rig.redis.url });
    await writer.call('claim', busyIds);
    const bareMicrosPerLine = await bareCost(rig, { plan, writer, nodeIds: busyIds });
    const readers = await rig.worker('reader-worker', rig.everyLog());
    await readers.call('follow', nodeIds);
    const idleCpuPercent = await idleCosts(rig.app.pid, plan, readers);
    const busy = await busyCost(rig.app.pid, { plan, writer, readers });
    await readers.stop();
    const merged = await measureMerged(rig, writer, { logs: plan.busyLogs, seconds: plan.mergedSeconds });
    const processes = await measureProcesses(rig, { nodeIds, databaseUrl, seconds: plan.processSeconds });
    return { idleCpuPercent, ...busy, bareMicrosPerLine, merged, processes };
  } finally {
    await rig.close();
  }
}

async function idleCosts(
  pid: number,
  { idleLogs, idleSeconds }: ManyLogsPlan,
  readers: Worker,
): Promise<Record<number, number>> {
  const percents: Record<number, number> = {};
  let opened = 0;
  for (const logs of idleLogs) {
    await readers.call('open', logs - opened);
    opened = logs;
    await sleep(SETTLE_MS);
    percents[logs] = await idleCpu(pid, idleSeconds);
  }
  return percents;
}

async function idleCpu(pid: number, seconds: number): Promise<number> {
  const before = cpuSeconds(pid);
  await sleep(seconds * 1_000);
  return rounded(((cpuSeconds(pid) - before) / seconds) * 100);
}

/** First, while our server follows none of the logs. */
async function bareCost(
  rig: BenchRig,
  { plan, writer, nodeIds }: { plan: ManyLogsPlan; writer: Worker; nodeIds: readonly string[] },
): Promise<number> {
  const { server, protocol } = await rig.bareLogs();
  const readers = await rig.worker('reader-worker', protocol);
  await readers.call('follow', nodeIds);
  await readers.call('open', plan.busyLogs);
  const { microsPerLine } = await busyCost(server.pid, { plan, writer, readers });
  await readers.stop();
  await server.stop();
  return microsPerLine;
}

async function busyCost(
  pid: number,
  { plan, writer, readers }: { plan: ManyLogsPlan; writer: Worker; readers: Worker },
): Promise<Pick<ManyLogsFindings, 'microsPerLine' | 'delivered'>> {
  const count = plan.busyPerSecond * plan.busySeconds;
  // Until the code is compiled and the heap has its size.
  await readers.call('reset');
  await writer.call('write', { count: WARM_UP_LINES, perSecond: 2 * plan.busyPerSecond });
  await settled([readers], WARM_UP_LINES);
  await readers.call('reset');
  const before = cpuSeconds(pid);
  await writer.call('write', { count, perSecond: plan.busyPerSecond });
  const { delivered } = await settled([readers], count);
  return {
    microsPerLine: rounded(((cpuSeconds(pid) - before) * 1e6) / count),
    delivered: delivered / count,
  };
}
