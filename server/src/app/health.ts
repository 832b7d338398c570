import { randomUUID } from 'node:crypto';
import { ENDPOINT_KEY } from '@launchlog/shared/launch-faults';
import type { Clock } from '../clock.js';
import type { Config } from '../config.js';
import type { SecretBox } from '../database/secret-box.js';
import type { SqlDatabase } from '../database/sql-database.js';
import { healthLimits } from '../health/health-limits.js';
import { HealthWatch, type HealthWatchOptions } from '../health/health-watch.js';
import { LastWords } from '../health/last-words.js';
import { HttpEndpointProbe } from '../health/http-endpoint-probe.js';
import { launchLimits } from '../launch/launch-limits.js';
import type { LaunchService } from '../launch/launch-service.js';
import { endedLaunchSpec } from '../launch/launch-spec.js';
import { tearDown } from '../launch/tear-down.js';
import type { Logger } from '../logger.js';
import { SqlHealthStore } from '../node/sql-health-store.js';
import { SqlUpkeepStore } from '../node/upkeep/sql-upkeep-store.js';
import type { Orchestrator } from '../orchestrator/orchestrator.js';
import { Upkeep, type UpkeepOptions } from '../upkeep/upkeep.js';
import { createOutbound } from './outbound.js';

interface HealthOptions extends Pick<HealthWatchOptions, 'meter' | 'onChanged' | 'onEnding'> {
  readonly config: Config;
  readonly orchestrator: Orchestrator;
  readonly database: SqlDatabase;
  readonly secretBox: SecretBox;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The name of this process, for people who read the table. */
  readonly workerId: string;
  /** Called when a node was lost. Must not throw. */
  readonly onLost: () => void;
}

/** Creates the watch of active nodes. */
export function createHealthWatch(options: HealthOptions): HealthWatch {
  const { config, database, secretBox, orchestrator, meter, clock, logger, workerId } = options;
  const { onChanged, onEnding } = options;
  const store = new SqlHealthStore({ database, clock });
  const onProblem = (problem: string, error: unknown) => logger.warn({ err: error }, problem);
  const keep = (nodeId: string, lines: readonly string[]) => store.keepOutput(nodeId, lines);
  const lastWords = new LastWords({ orchestrator, clock, keep, onProblem });
  return new HealthWatch({
    store,
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
    onEnding,
    onSilent: (spec) => lastWords.collect(spec),
    onLost: ({ id, lossReason, terminatedAt }) => {
      logger.warn({ nodeId: id, lossReason, lastSeenAt: terminatedAt }, 'node lost');
      options.onLost();
      onChanged();
    },
    onProblem,
  });
}

interface UpkeepParts extends Pick<UpkeepOptions, 'onChanged' | 'clock'> {
  readonly config: Config;
  readonly database: SqlDatabase;
  readonly orchestrator: Orchestrator;
  readonly secretBox: SecretBox;
  readonly launches: Pick<LaunchService, 'relaunch'>;
  readonly logger: Logger;
}

/** Creates the upkeep of nodes: the relaunches and ends that launches ask for. */
export function createUpkeep(options: UpkeepParts): Upkeep {
  const { config, database, orchestrator, secretBox, launches, clock, logger, onChanged } = options;
  const limits = launchLimits(config);
  return new Upkeep({
    store: new SqlUpkeepStore({ database, clock }),
    relaunch: (record, request) => launches.relaunch(record, request),
    remove: (record, signal) => {
      const onObservation = () => undefined;
      return tearDown({ orchestrator, spec: endedLaunchSpec(record), clock, limits, signal, onObservation });
    },
    secretBox,
    orchestrator: orchestrator.kind,
    clock,
    onChanged,
    onProblem: (problem, error, nodeId) => logger.warn({ err: error, nodeId }, problem),
  });
}
