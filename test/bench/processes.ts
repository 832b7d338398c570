import type { AppProcess } from '../support/server/app-process.js';
import type { BenchRig } from './bench-rig.js';
import { cpuSeconds, type Worker } from './calls.js';
import { settled } from './settled.js';
import { rounded } from './statistics.js';

export const PROCESSES = 3;
const LOGS = 36;
const READERS_PER_LOG = 20;
const LINES_PER_LOG_AND_SECOND = 20;
const WARM_UP_LINES = LOGS * 10;

export interface ProcessFindings {
  /** Microseconds of CPU for a delivery, all processes together. */
  readonly one: number;
  readonly several: number;
}

interface ProcessLoad {
  /** Logs that nobody else writes. */
  readonly nodeIds: readonly string[];
  readonly databaseUrl: string;
  readonly seconds: number;
}

/** The same readers on one process, and on several, each of which has all readers of its logs, as the proxy routes them. */
export async function measureProcesses(
  rig: BenchRig,
  { nodeIds, databaseUrl, seconds }: ProcessLoad,
): Promise<ProcessFindings> {
  const logs = nodeIds.slice(-LOGS);
  const writer = await rig.worker('many-writer-worker', { redisUrl: rig.redis.url });
  await writer.call('claim', logs);
  const others: AppProcess[] = [];
  try {
    const one = await measure(rig, { writer, logs, apps: [rig.app], seconds });
    while (others.length < PROCESSES - 1) others.push(await rig.besides({ DATABASE_URL: databaseUrl }));
    return { one, several: await measure(rig, { writer, logs, apps: [rig.app, ...others], seconds }) };
  } finally {
    await writer.stop();
    await Promise.all(others.map((app) => app.close()));
  }
}

interface Round {
  readonly writer: Worker;
  readonly logs: readonly string[];
  readonly apps: readonly AppProcess[];
  readonly seconds: number;
}

async function measure(rig: BenchRig, { writer, logs, apps, seconds }: Round): Promise<number> {
  const readers: Worker[] = [];
  for (const [index, app] of apps.entries()) {
    const own = logs.filter((_, place) => place % apps.length === index);
    const reader = await rig.worker('reader-worker', rig.everyLog(app));
    await reader.call('follow', own);
    await reader.call('open', own.length * READERS_PER_LOG);
    readers.push(reader);
  }
  const perSecond = LOGS * LINES_PER_LOG_AND_SECOND;
  await writer.call('write', { count: WARM_UP_LINES, perSecond });
  await settled(readers, WARM_UP_LINES * READERS_PER_LOG);
  for (const reader of readers) await reader.call('reset');
  const spent = (): number => apps.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0);
  const before = spent();
  await writer.call('write', { count: perSecond * seconds, perSecond });
  const { delivered } = await settled(readers, perSecond * seconds * READERS_PER_LOG);
  const cpu = spent() - before;
  for (const reader of readers) await reader.stop();
  return rounded((cpu * 1e6) / delivered);
}
