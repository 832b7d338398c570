import type { BenchRig } from './bench-rig.js';
import { cpuSeconds, type Worker } from './calls.js';
import type { ReaderProtocol } from './reader-worker.js';
import { settled } from './settled.js';
import { rounded } from './statistics.js';

/** Readers of one transport, one after the other. */
export interface MergedRound {
  /** Bytes of a line, with its cursor. */
  readonly bytesPerLine: number;
  /** The share of the lines that arrived. */
  readonly share: number;
  /** CPU of the server, for a line that one reader gets. */
  readonly microsPerDelivery: number;
  readonly p99Ms: number;
}

export interface MergedFindings {
  readonly sse: MergedRound;
  readonly trpc: MergedRound;
}

export const MERGED_READERS = 20;
const LINES_PER_LOG_AND_SECOND = 2;
const ROUNDS_MAX = 40;
/** A node more is live than a stream shows: the one that holds the only slot. */
const ENOUGH = 0.99;
const SHOWN = 0.999;

interface MergedLoad {
  readonly logs: number;
  readonly seconds: number;
}

/** Many logs as one stream, for some readers at once: each of them gets every line of every log. */
export async function measureMerged(
  rig: BenchRig,
  writer: Worker,
  load: MergedLoad,
): Promise<MergedFindings> {
  return {
    sse: await measure(rig, writer, { ...load, protocol: rig.mergedStream() }),
    trpc: await measure(rig, writer, { ...load, protocol: rig.mergedSubscription() }),
  };
}

/** Writes a line into each log, until one of these rounds reaches every reader: each has its history then. */
async function allLive(reader: Worker, writer: Worker, lines: number): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    await reader.call('reset');
    await writer.call('write', { count: lines, perSecond: lines * LINES_PER_LOG_AND_SECOND });
    const { delivered } = await settled([reader], lines * MERGED_READERS * ENOUGH);
    if (delivered >= lines * MERGED_READERS * ENOUGH) return;
  }
}

async function measure(
  rig: BenchRig,
  writer: Worker,
  { logs, seconds, protocol }: MergedLoad & { readonly protocol: ReaderProtocol },
): Promise<MergedRound> {
  const reader = await rig.worker('reader-worker', protocol);
  await reader.call('open', MERGED_READERS);
  const perSecond = logs * LINES_PER_LOG_AND_SECOND;
  await allLive(reader, writer, logs);
  await reader.call('reset');
  const count = perSecond * seconds;
  const before = cpuSeconds(rig.app.pid);
  await writer.call('write', { count, perSecond });
  // What the node that waits would have got never comes.
  const { delivered, bytes } = await settled([reader], count * MERGED_READERS * SHOWN);
  const cpu = cpuSeconds(rig.app.pid) - before;
  if (delivered === 0) throw new Error('no line of the merged stream arrived: the machine is too busy');
  const { p99Ms } = await reader.call<{ p99Ms: number }>('latency');
  await reader.stop();
  return {
    bytesPerLine: rounded(bytes / delivered),
    share: rounded(delivered / (count * MERGED_READERS)),
    microsPerDelivery: rounded((cpu * 1e6) / delivered),
    p99Ms: rounded(p99Ms),
  };
}
