import { randomUUID } from 'node:crypto';
import { ENDPOINT_KEY } from '@launchlog/shared/launch-faults';
import type { Clock } from '../clock.js';
import type { Config } from '../config.js';
import type { SecretBox } from '../database/secret-box.js';
import type { SqlDatabase } from '../database/sql-database.js';
import { healthLimits } from '../health/health-limits.js';
import { HealthWatch, type HealthWatchOptions } from '../health/health-watch.js';
import { HttpEndpointProbe } from '../health/http-endpoint-probe.js';
import type { Logger } from '../logger.js';
import { SqlHealthStore } from '../node/sql-health-store.js';
import { createOutbound } from './outbound.js';

interface HealthOptions extends Pick<HealthWatchOptions, 'orchestrator' | 'meter' | 'onChanged'> {
  readonly config: Config;
  readonly database: SqlDatabase;
  readonly secretBox: SecretBox;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The name of this process, for people who read the table. */
  readonly workerId: string;
}

/** Creates the watch of active nodes. */
export function createHealthWatch(options: HealthOptions): HealthWatch {
  const { config, database, secretBox, orchestrator, meter, onChanged, clock, logger, workerId } = options;
  return new HealthWatch({
    store: new SqlHealthStore({ database, clock }),
    orchestrator,
    probe: new HttpEndpointProbe(clock, createOutbound(config)),
    clock,
    watcher: { id: randomUUID(), name: workerId },
    limits: healthLimits(config),
    meter,
    keyOf: ({ node, sealedKey }) => {
      try {
        return sealedKey && secretBox.open(node.id, sealedKey)[ENDPOINT_KEY];
      } catch {
        return undefined;
      }
    },
    onChanged,
    onLost: ({ id, lossReason, terminatedAt }) => {
      logger.warn({ nodeId: id, lossReason, lastSeenAt: terminatedAt }, 'node lost');
      onChanged();
    },
    onProblem: (problem, error) => logger.warn({ err: error }, problem),
  });
}
