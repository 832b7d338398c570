import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { liveBytes, MEASURED_MEMORY } from '../support/process/live-memory.js';
import { BenchRig, type Contender } from './bench-rig.js';

/** KB of one idle reader in the server: live memory after a collection. Resident pages show what was, not what is. */
interface IdleReader {
  readonly liveKb: number;
}

export interface IdleMemory {
  readonly readers: number;
  readonly sse: IdleReader;
  readonly trpc: IdleReader;
  readonly bareSse: IdleReader;
  readonly bareWebSocket: IdleReader;
}

const SETTLE_MS = 1_000;

export async function measureIdleMemory(readers: number): Promise<IdleMemory> {
  const folder = await mkdtemp(join(tmpdir(), 'launchlog-memory-'));
  const file = join(folder, 'memory');
  process.env['MEMORY_FILE'] = file;
  const rig = await BenchRig.start({
    environment: { MEMORY_FILE: file },
    nodeArguments: MEASURED_MEMORY,
  });
  const measured = (contender: Contender) => idleReader(rig, contender, { readers, file });
  try {
    const log = await rig.openLog();
    return {
      readers,
      sse: await measured(rig.ourSse(log)),
      bareSse: await measured(await rig.rival('bare-sse')),
      trpc: await measured(rig.ourTrpc(log)),
      bareWebSocket: await measured(await rig.rival('bare-websocket')),
    };
  } finally {
    await rig.close();
    await rm(folder, { recursive: true });
  }
}

async function idleReader(
  rig: BenchRig,
  contender: Contender,
  { readers, file }: { readers: number; file: string },
): Promise<IdleReader> {
  const worker = await rig.worker('reader-worker', contender.protocol);
  // The first readers bring what there is once, whatever the number of readers.
  await worker.call('open', 100);
  await sleep(SETTLE_MS);
  const before = await liveBytes(contender.pid, file);
  await worker.call('open', readers);
  await sleep(SETTLE_MS);
  const after = await liveBytes(contender.pid, file);
  await worker.stop();
  return { liveKb: (after - before) / readers / 1_024 };
}
