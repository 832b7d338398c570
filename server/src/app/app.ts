import { join } from 'node:path';
import type { OrchestratorKind } from '@launchlog/shared/node';
import { provideAdminToken, type AdminToken } from '../auth/admin-token-file.js';
import { systemClock } from '../clock.js';
import type { Config } from '../config.js';
import { SecretBox } from '../database/secret-box.js';
import { secretsKey } from '../database/secrets-key.js';
import type { LogFeed } from '../feed/log-feed.js';
import type { HealthWatch } from '../health/health-watch.js';
import type { HttpServer } from '../http/http-server.js';
import type { LaunchRunner } from '../launch/launch-runner.js';
import type { Logger } from '../logger.js';
import type { MergedFeed } from '../merged-feed/merged-feed.js';
import type { NodeWatch } from '../node/node-watch.js';
import { SqlNodeStore } from '../node/sql-node-store.js';
import type { Orchestrator } from '../orchestrator/orchestrator.js';
import type { RetentionSweep } from '../retention/retention-sweep.js';
import type { TelemetryShipper } from '../telemetry/telemetry-shipper.js';
import type { Upkeep } from '../upkeep/upkeep.js';
import { createAccess, type Access } from './access.js';
import { createArchive, type LogArchive } from './archive.js';
import { createBudgets, type Budgets } from './budgets.js';
import { readInstallation } from '../node/budget/installation.js';
import { createDoctor } from './doctor.js';
import { createEdge } from './edge.js';
import { createEstimates } from './estimates.js';
import { createLaunching, type Backing, type ConstructOptions } from './launching.js';
import { createMetrics } from './metrics.js';
import { createNotifications, notificationSettings, type Notifications } from './notifications.js';
import { createOrchestrator } from './orchestrator.js';
import { readServerCapacity, type ServerCapacity } from './server-capacity.js';
import { createRetention } from './retention.js';
import { createSignIn, readSignInSettings, type SignIn } from './sign-in.js';
import { openStores, type Stores } from './stores.js';
import { createStrays, type Strays } from './strays.js';
import { traceLinkOf } from '../trace-context.js';
import { createTelemetry } from './telemetry.js';

const clock = systemClock;

interface Parts {
  readonly server: HttpServer;
  readonly access: Access;
  readonly signIn: SignIn;
  readonly archive: LogArchive;
  readonly retention: RetentionSweep;
  readonly feed: LogFeed;
  readonly watch: NodeWatch;
  readonly merged: MergedFeed;
  readonly runner: LaunchRunner;
  readonly health: HealthWatch;
  readonly upkeep: Upkeep;
  readonly budgets: Budgets;
  readonly strays: Strays;
  readonly notifications: Notifications;
  readonly orchestrator: Orchestrator;
  readonly stores: Stores;
  /** Undefined where no receiver is configured. */
  readonly telemetry: TelemetryShipper | undefined;
}

/** The whole service in one process: the composition root, where ports meet their adapters. */
export class App {
  readonly url: string;
  readonly adminToken: AdminToken;
  /** The orchestrator and the reason for choosing it, for people to read. */
  readonly launcher: { readonly kind: OrchestratorKind; readonly reason: string };
  readonly capacity: ServerCapacity;
  readonly #parts: Parts;
  #closing: Promise<void> | undefined;

  static async start(config: Config, logger: Logger): Promise<App> {
    const adminToken = await provideAdminToken(config.ADMIN_TOKEN, config.DATA_DIR);
    const key = await secretsKey({
      configured: config.SECRETS_KEY,
      path: join(config.DATA_DIR, 'secrets-key'),
    });
    const people = await readSignInSettings(config);
    const { orchestrator, reason, start } = await createOrchestrator(config, clock, logger);
    const launcher = { kind: orchestrator.kind, reason };
    const backing = await openBacking(config, logger);
    const secretBox = new SecretBox(key);
    const capacity = readServerCapacity(config);
    backing.metrics.showCapacity(capacity);
    const given = { config, logger, adminToken, streamsMax: capacity.streams };
    const parts = construct({ ...backing, ...given, orchestrator, secretBox, people });
    try {
      await parts.access.registry.start();
      await parts.access.signedIn.start();
      const { port } = await parts.server.listen(config.PORT, config.HOST);
      start();
      parts.runner.start();
      parts.health.start();
      parts.upkeep.start();
      parts.budgets.review.start();
      parts.strays.watch?.start();
      parts.notifications.dispatcher.start();
      parts.archive.start();
      parts.retention.start();
      parts.telemetry?.start();
      const url = `http://${urlHost(config.HOST)}:${port}`;
      return new App(parts, { url, adminToken, launcher, capacity });
    } catch (error) {
      await closeParts(parts);
      throw error;
    }
  }

  private constructor(parts: Parts, facts: Pick<App, 'url' | 'adminToken' | 'launcher' | 'capacity'>) {
    this.#parts = parts;
    this.url = facts.url;
    this.adminToken = facts.adminToken;
    this.launcher = facts.launcher;
    this.capacity = facts.capacity;
  }

  /** Asks readers to reconnect, hands launches over, and closes everything. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= closeParts(this.#parts);
    return this.#closing;
  }
}

async function openBacking(config: Config, logger: Logger): Promise<Backing> {
  const stores = await openStores(config, clock, logger);
  const { own } = stores.database;
  const traceLink = traceLinkOf(config.TRACE_URL_TEMPLATE);
  const nodes = new SqlNodeStore({ database: own, clock, traceLink });
  try {
    const metrics = await createMetrics({ ...stores, clock, priceTablePath: config.PRICE_TABLE });
    const { page, logs } = metrics;
    const archive = await createArchive({ config, database: own, nodes, logs, page, clock, logger });
    const installation = await readInstallation(own);
    const shipped = { config, database: own, nodes, logs: archive.logs, page };
    const telemetry = await createTelemetry({ ...shipped, clock, logger });
    return { installation, stores, nodes, metrics, archive, telemetry };
  } catch (error) {
    await stores.close();
    throw error;
  }
}

function construct(options: ConstructOptions): Parts {
  const { config, logger, stores, nodes, metrics, archive, orchestrator, secretBox } = options;
  const { database, redis } = stores;
  const { logs } = archive;
  const access = createAccess({ limits: config, database, redis, clock, logger });
  const settings = notificationSettings(config);
  const notifications = createNotifications({ settings, database, nodes, secretBox, clock, logger });
  const nudge = () => notifications.dispatcher.nudge();
  const reviewing = { database: database.own, audit: access.audit, orchestrator, clock, logger };
  const budgets = createBudgets({ ...reviewing, onReviewed: nudge });
  const strays = createStrays({ ...reviewing, installation: options.installation, onLooked: nudge });
  const { launches, ...launching } = createLaunching({ ...options, clock, notifications, budgets });
  const { runner, health, upkeep, feed, watch, events, runtimeLogs, merged } = launching;
  const readiness = {
    log_store: () => logs.ping(),
    database: async () => void (await database.own.query('select 1', [])),
  };
  const identity = { config, adminToken: options.adminToken.token, orchestrator: orchestrator.kind };
  const estimates = createEstimates({ database: stores.database.scans, orchestrator, clock, logger });
  const doctor = createDoctor({ config, stores, orchestrator, clock });
  const readable = { logs, feed, watch, events, runtimeLogs, merged };
  const costs = { estimates, budgets: budgets.service, strays: strays.service };
  const edge = { ...identity, ...readable, ...costs, doctor, clock, logger, launches, readiness };
  const signIn = createSignIn({ ...options.people, ...identity, access, secretBox, clock, logger });
  signIn.check?.start();
  const { streamsMax } = options;
  const shown = { metrics, notifications: notifications.service };
  const server = createEdge({ ...edge, ...shown, access, signIn, streamsMax });
  const retention = createRetention({ ...access, config, database: database.own, clock, logger });
  const running = {
    runner,
    health,
    upkeep,
    notifications,
    orchestrator,
    stores,
    retention,
    telemetry: options.telemetry,
    budgets,
    strays,
  };
  return { server, access, signIn, archive, feed, watch, merged, ...running };
}

async function closeParts(parts: Parts): Promise<void> {
  const { access, server, runner, health, upkeep, notifications, archive, retention, stores } = parts;
  parts.signIn.check?.close();
  await Promise.all([access.registry.close(), access.signedIn.close()]);
  await Promise.all([
    server.close(),
    runner.stop(),
    health.stop(),
    upkeep.stop(),
    parts.budgets.review.stop(),
    parts.strays.watch?.stop(),
    notifications.dispatcher.close(),
    archive.close(),
    parts.telemetry?.close(),
    retention.stop(),
  ]);
  parts.merged.close();
  parts.watch.close();
  await parts.feed.close();
  await parts.orchestrator.close();
  await access.audit.close();
  await stores.close();
}

function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
