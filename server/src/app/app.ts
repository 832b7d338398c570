import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { OrchestratorKind } from '@launchlog/shared/node';
import { provideAdminToken, type AdminToken } from '../auth/admin-token-file.js';
import { systemClock } from '../clock.js';
import type { Config } from '../config.js';
import { SecretBox } from '../database/secret-box.js';
import { secretsKey } from '../database/secrets-key.js';
import { LogFeed } from '../feed/log-feed.js';
import type { HealthWatch } from '../health/health-watch.js';
import type { HttpServer } from '../http/http-server.js';
import { launchLimits } from '../launch/launch-limits.js';
import { LaunchRunner } from '../launch/launch-runner.js';
import { LaunchService } from '../launch/launch-service.js';
import type { Logger } from '../logger.js';
import type { MergedFeed } from '../merged-feed/merged-feed.js';
import type { NodeWatch } from '../node/node-watch.js';
import { SqlLeaseStore } from '../node/sql-lease-store.js';
import { SqlNodeStore } from '../node/sql-node-store.js';
import type { Orchestrator } from '../orchestrator/orchestrator.js';
import type { RetentionSweep } from '../retention/retention-sweep.js';
import { createAccess, type Access } from './access.js';
import { createArchive, type LogArchive } from './archive.js';
import { createDoctor } from './doctor.js';
import { createEdge } from './edge.js';
import { createEstimates } from './estimates.js';
import { createHealthWatch } from './health.js';
import { createMergedFeed, createNodeEvents, createNodeWatch } from './many-nodes.js';
import { createMetrics, type Metrics } from './metrics.js';
import { createNotifications, notificationSettings, type Notifications } from './notifications.js';
import { createOrchestrator } from './orchestrator.js';
import { nodeRegistry } from './node-registry.js';
import { readServerRoom, type ServerRoom } from './server-room.js';
import { createRetention } from './retention.js';
import { openStores, type Stores } from './stores.js';

const MINUTE_MS = 60_000;
const clock = systemClock;

interface Parts {
  readonly server: HttpServer;
  readonly access: Access;
  readonly archive: LogArchive;
  readonly retention: RetentionSweep;
  readonly feed: LogFeed;
  readonly watch: NodeWatch;
  readonly merged: MergedFeed;
  readonly runner: LaunchRunner;
  readonly health: HealthWatch;
  readonly notifications: Notifications;
  readonly orchestrator: Orchestrator;
  readonly stores: Stores;
}

/** The whole service in one process: the composition root, where ports meet their adapters. */
export class App {
  readonly url: string;
  readonly adminToken: AdminToken;
  /** The orchestrator and the reason for choosing it, for people to read. */
  readonly launcher: { readonly kind: OrchestratorKind; readonly reason: string };
  readonly room: ServerRoom;
  readonly #parts: Parts;
  #closing: Promise<void> | undefined;

  static async start(config: Config, logger: Logger): Promise<App> {
    const adminToken = await provideAdminToken(config.ADMIN_TOKEN, config.DATA_DIR);
    const key = await secretsKey({
      configured: config.SECRETS_KEY,
      path: join(config.DATA_DIR, 'secrets-key'),
    });
    const { orchestrator, reason, start } = await createOrchestrator(config, clock, logger);
    const launcher = { kind: orchestrator.kind, reason };
    const backing = await openBacking(config, logger);
    const secretBox = new SecretBox(key);
    const room = readServerRoom(config);
    backing.metrics.showRoom(room);
    const parts = construct({ ...backing, config, logger, adminToken, orchestrator, secretBox });
    try {
      await parts.access.registry.start();
      await parts.access.signedIn.start();
      const { port } = await parts.server.listen(config.PORT, config.HOST);
      start();
      parts.runner.start();
      parts.health.start();
      parts.notifications.dispatcher.start();
      parts.archive.start();
      parts.retention.start();
      const url = `http://${urlHost(config.HOST)}:${port}`;
      return new App(parts, { url, adminToken, launcher, room });
    } catch (error) {
      await closeParts(parts);
      throw error;
    }
  }

  private constructor(parts: Parts, about: Pick<App, 'url' | 'adminToken' | 'launcher' | 'room'>) {
    this.#parts = parts;
    this.url = about.url;
    this.adminToken = about.adminToken;
    this.launcher = about.launcher;
    this.room = about.room;
  }

  /** Asks readers to reconnect, hands launches over, and closes everything. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= closeParts(this.#parts);
    return this.#closing;
  }
}

/** The stores, with metrics around them and the archive behind them. */
interface Backing {
  readonly stores: Stores;
  readonly nodes: SqlNodeStore;
  readonly metrics: Metrics;
  readonly archive: LogArchive;
}

async function openBacking(config: Config, logger: Logger): Promise<Backing> {
  const stores = await openStores(config, clock, logger);
  const { own } = stores.database;
  const nodes = new SqlNodeStore({ database: own, clock });
  try {
    const metrics = await createMetrics({ ...stores, clock, priceTablePath: config.PRICE_TABLE });
    const { page, logs } = metrics;
    const archive = await createArchive({ config, database: own, nodes, logs, page, clock, logger });
    return { stores, nodes, metrics, archive };
  } catch (error) {
    await stores.close();
    throw error;
  }
}

interface ConstructOptions extends Backing {
  readonly config: Config;
  readonly logger: Logger;
  readonly adminToken: AdminToken;
  readonly orchestrator: Orchestrator;
  readonly secretBox: SecretBox;
}

function construct(options: ConstructOptions): Parts {
  const { config, logger, stores, nodes, metrics, archive, orchestrator, secretBox } = options;
  const { database, redis } = stores;
  const { logs } = archive;
  const access = createAccess({ limits: config, database, redis, clock, logger });
  const settings = notificationSettings(config);
  const notifications = createNotifications({ settings, database, nodes, secretBox, clock, logger });
  const { launches, ...launching } = createLaunching({ ...options, notifications });
  const { runner, health, feed, watch, events, merged } = launching;
  const readiness = {
    log_store: () => logs.ping(),
    database: async () => void (await database.own.query('select 1', [])),
  };
  const about = { config, adminToken: options.adminToken.token, orchestrator: orchestrator.kind };
  const estimates = createEstimates({ database: stores.database.scans, orchestrator, clock, logger });
  const doctor = createDoctor({ config, stores, orchestrator, clock });
  const reading = { logs, feed, watch, events, merged };
  const edge = { ...about, ...reading, doctor, estimates, clock, logger, launches, readiness };
  const server = createEdge({ ...edge, access, metrics, notifications: notifications.service });
  const retention = createRetention({ ...access, config, database: database.own, clock, logger });
  const running = { runner, health, notifications, orchestrator, stores, retention };
  return { server, access, archive, feed, watch, merged, ...running };
}

async function closeParts(parts: Parts): Promise<void> {
  const { access, server, runner, health, notifications, archive, retention, stores } = parts;
  await Promise.all([access.registry.close(), access.signedIn.close()]);
  await Promise.all([
    server.close(),
    runner.stop(),
    health.stop(),
    notifications.dispatcher.close(),
    archive.close(),
    retention.stop(),
  ]);
  parts.merged.close();
  parts.watch.close();
  await parts.feed.close();
  await parts.orchestrator.close();
  await access.audit.close();
  await stores.close();
}

interface LaunchingOptions extends ConstructOptions {
  readonly notifications: Notifications;
}

function createLaunching(options: LaunchingOptions) {
  const { config, metrics, archive, orchestrator, secretBox } = options;
  const { database, logs: store } = options.stores;
  const { logs } = archive;
  const { own, reads } = database;
  const watch = createNodeWatch(reads, clock);
  const workerId = `${hostname()}:${process.pid}`;
  const health = createHealth(options, workerId, () => watch.nudge());
  const runner = createRunner(options, { workerId, watch, health });
  const wake = () => {
    runner.wake();
    watch.nudge();
  };
  const stored = new SqlNodeStore({ database: own, reads, clock });
  const { kind, judge } = orchestrator;
  const launches = new LaunchService({
    nodes: stored,
    secretBox,
    orchestrator: kind,
    judge,
    clock,
    newId: randomUUID,
    wake,
  });
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
  return { launches, runner, health, feed, watch, events, merged };
}

function createRunner(
  options: LaunchingOptions,
  { workerId, watch, health }: Pick<Parts, 'watch' | 'health'> & { readonly workerId: string },
): LaunchRunner {
  const { config, logger, nodes, metrics, archive, orchestrator, secretBox, notifications } = options;
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
    onEnded: [
      () => notifications.dispatcher.nudge(),
      () => watch.nudge(),
      () => health.nudge(),
      () => archive.nudge(),
      (node) => metrics.launches.ended(node),
      ({ id, phase, failureReason }) => logger.info({ nodeId: id, phase, failureReason }, 'launch ended'),
    ],
    onTerminated: [() => watch.nudge()],
    onProblem: (problem, error, nodeId) => {
      metrics.launches.problem();
      logger.warn({ err: error, nodeId }, problem);
    },
  });
}

function createHealth(options: LaunchingOptions, workerId: string, onChanged: () => void) {
  const { config, logger, stores, metrics, orchestrator, secretBox } = options;
  const [database, meter] = [stores.database.own, metrics.health];
  return createHealthWatch({
    config,
    database,
    secretBox,
    orchestrator,
    clock,
    logger,
    workerId,
    meter,
    onChanged,
  });
}

function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
