import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Clock } from '../clock.js';
import type { SignInSettings } from './sign-in.js';
import type { Stores } from './stores.js';
import type { Metrics } from './metrics.js';
import type { LogArchive } from './archive.js';
import type { Orchestrator } from '../orchestrator/orchestrator.js';
import type { Logger } from '../logger.js';
import type { SecretBox } from '../database/secret-box.js';
import type { Config } from '../config.js';
import type { AdminToken } from '../auth/admin-token-file.js';
import { LogFeed } from '../feed/log-feed.js';
import type { HealthWatch } from '../health/health-watch.js';
import { launchLimits } from '../launch/launch-limits.js';
import { LaunchRunner } from '../launch/launch-runner.js';
import { LaunchService } from '../launch/launch-service.js';
import type { NodeWatch } from '../node/node-watch.js';
import { SqlLeaseStore } from '../node/sql-lease-store.js';
import { SqlNodeStore } from '../node/sql-node-store.js';
import { RuntimeLogs } from '../runtime-log/runtime-logs.js';
import type { TelemetryShipper } from '../telemetry/telemetry-shipper.js';
import type { Budgets } from './budgets.js';
import { createHealthWatch, createUpkeep } from './health.js';
import { createMergedFeed, createNodeEvents, createNodeWatch } from './many-nodes.js';
import { nodeRegistry } from './node-registry.js';
import type { Notifications } from './notifications.js';
import { traceLinkOf } from '../trace-context.js';

const MINUTE_MS = 60_000;

/** The stores, with metrics around them and the archive behind them. */
export interface Backing {
  /** The id that all servers of this database share. */
  readonly installation: string;
  readonly stores: Stores;
  readonly nodes: SqlNodeStore;
  readonly metrics: Metrics;
  readonly archive: LogArchive;
  /** Undefined where no receiver is configured. */
  readonly telemetry: TelemetryShipper | undefined;
}

export interface ConstructOptions extends Backing {
  readonly config: Config;
  readonly logger: Logger;
  readonly adminToken: AdminToken;
  readonly orchestrator: Orchestrator;
  readonly secretBox: SecretBox;
  readonly people: SignInSettings;
  /** Open event streams, and as many WebSockets. */
  readonly streamsMax: number;
}

interface LaunchingOptions extends ConstructOptions {
  readonly notifications: Notifications;
  readonly budgets: Budgets;
  readonly clock: Clock;
}

/** Creates the launching of nodes, their watch, and the feeds that show both. */
export function createLaunching(options: LaunchingOptions) {
  const { config, metrics, archive, orchestrator, secretBox, logger, clock } = options;
  const { database, logs: store } = options.stores;
  const { logs } = archive;
  const { own, reads, scans } = database;
  const traceLink = traceLinkOf(config.TRACE_URL_TEMPLATE);
  const watch = createNodeWatch(reads, clock, traceLink);
  const workerId = `${hostname()}:${process.pid}`;
  const wakes = { upkeep: () => undefined as void, runner: () => undefined as void };
  const changed = () => {
    wakes.runner();
    watch.nudge();
  };
  const seen = { onChanged: () => watch.nudge(), onLost: () => wakes.upkeep(), onEnding: changed };
  const meter = metrics.health;
  const watched = { config, database: own, secretBox, orchestrator, clock, logger, workerId, meter, ...seen };
  const health = createHealthWatch(watched);
  const runner = createRunner(options, { workerId, watch, health, wakeUpkeep: () => wakes.upkeep() });
  wakes.runner = () => runner.wake();
  const launches = new LaunchService({
    nodes: new SqlNodeStore({ database: own, reads, scans, clock, traceLink }),
    secretBox,
    orchestrator: orchestrator.kind,
    judge: orchestrator.judge,
    budgets: options.budgets.launches,
    clock,
    newId: randomUUID,
    wake: changed,
  });
  const upkeep = createUpkeep({ ...options, database: own, launches, onChanged: changed });
  wakes.upkeep = () => upkeep.wake();
  const maxAgeMs = config.STREAM_MAX_MINUTES * MINUTE_MS;
  const feed = new LogFeed({
    ...nodeRegistry(launches, reads, clock),
    store: logs,
    clock,
    maxAgeMs,
    meter: metrics.feed,
    storeRefusal: () => store.refusal,
  });
  const merged = createMergedFeed({ database: reads, logs, feed, watch, clock, maxAgeMs });
  const events = createNodeEvents(reads, watch, { clock, maxAgeMs });
  const runtimeLogs = new RuntimeLogs({ nodes: options.nodes, orchestrator, clock, maxAgeMs });
  return { launches, runner, health, upkeep, feed, watch, events, runtimeLogs, merged };
}

interface RunnerParts {
  readonly watch: NodeWatch;
  readonly health: HealthWatch;
  readonly workerId: string;
  readonly wakeUpkeep: () => void;
}

function createRunner(
  options: LaunchingOptions,
  { workerId, watch, health, wakeUpkeep }: RunnerParts,
): LaunchRunner {
  const { config, logger, nodes, metrics, archive, orchestrator, secretBox, notifications, clock } = options;
  const { own } = options.stores.database;
  const { logs } = archive;
  return new LaunchRunner({
    nodes,
    leases: new SqlLeaseStore({ database: own, clock }),
    logs,
    orchestrator,
    secretBox,
    clock,
    workerId,
    limits: launchLimits(config),
    installation: options.installation,
    onEnded: [
      () => notifications.dispatcher.nudge(),
      () => watch.nudge(),
      () => health.nudge(),
      () => archive.nudge(),
      () => wakeUpkeep(),
      (node) => metrics.launches.ended(node),
      ({ id, phase, failureReason }) => logger.info({ nodeId: id, phase, failureReason }, 'launch ended'),
    ],
    onTerminated: [() => watch.nudge(), () => wakeUpkeep()],
    onProblem: (problem, error, nodeId) => {
      metrics.launches.problem();
      logger.warn({ err: error, nodeId }, problem);
    },
  });
}
