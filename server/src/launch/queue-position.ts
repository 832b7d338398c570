import { NodeLogWriter } from '../log/node-log-writer.js';
import type { QueuedJob } from '../node/lease-store.js';
import { LogRedactor } from '../redaction/redactor.js';
import { LaunchLog } from './launch-log.js';
import type { RunnerContext } from './runner-context.js';
import { launchOf } from './stored-launch.js';

/** Logs the queue position of a launch that waits for a slot. */
export async function logQueuePosition(
  context: RunnerContext,
  job: QueuedJob,
  signal: AbortSignal,
): Promise<void> {
  const { logs, clock, limits, secretBox } = context;
  const { record, lease, position, sealedSecrets } = job;
  const { nodeId, attempt } = lease;
  const secrets = sealedSecrets === undefined ? {} : secretBox.open(nodeId, sealedSecrets);
  const writer = await NodeLogWriter.claim({ store: logs, clock, nodeId, attempt, signal });
  try {
    const launch = launchOf(record, undefined);
    const log = new LaunchLog(writer, new LogRedactor(Object.values(secrets)));
    if (writer.claimed.lastSeq === 0) log.introduce(launch, { ...record.node, request: record.request });
    log.write(launch, {
      level: 'info',
      message: `Waiting for a free slot: place ${position} in the queue`,
      details: { queue_position: position, max_running: limits.maxRunning },
    });
    await writer.flush(signal);
  } finally {
    await writer.close();
  }
}
