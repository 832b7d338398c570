import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OriginPolicy } from '@launchlog/server/auth/origin-policy';
import { systemClock } from '@launchlog/server/clock';
import { AuditedNotifications } from '@launchlog/server/audit/audited-notifications';
import { Doctor } from '@launchlog/server/doctor/doctor';
import { StreamLimit } from '@launchlog/server/edge/event-stream/stream-limit';
import { PublicAddress } from '@launchlog/server/edge/public-address';
import { LogFeed } from '@launchlog/server/feed/log-feed';
import { ClientAddress } from '@launchlog/server/http/client-address';
import { ConsoleFiles } from '@launchlog/server/http/console-files';
import { HttpServer } from '@launchlog/server/http/http-server';
import { RestApp } from '@launchlog/server/http/rest-app';
import { addAuditRoutes } from '@launchlog/server/http/route/audit-routes';
import { addDoctorRoutes } from '@launchlog/server/http/route/doctor-routes';
import { addExportRoutes } from '@launchlog/server/http/route/export-routes';
import { addIdentityRoute } from '@launchlog/server/http/route/identity-route';
import { addLogRoutes } from '@launchlog/server/http/route/log-routes';
import { describeMergedRoutes } from '@launchlog/server/http/route/merged-routes';
import { addMetricsPageRoute } from '@launchlog/server/http/route/metrics-page-route';
import { addMetricsRoutes } from '@launchlog/server/http/route/metrics-routes';
import { addNodeEventRoutes } from '@launchlog/server/http/route/node-event-routes';
import { addBudgetRoutes } from '@launchlog/server/http/route/budget-routes';
import { addEstimateRoutes } from '@launchlog/server/http/route/estimate-routes';
import { addNodeRoutes } from '@launchlog/server/http/route/node-routes';
import { addNotificationRoutes } from '@launchlog/server/http/route/notification-routes';
import { addProbeRoutes } from '@launchlog/server/http/route/probe-routes';
import { addSearchRoutes } from '@launchlog/server/http/route/search-routes';
import { addSessionRoutes } from '@launchlog/server/http/route/session-routes';
import { addSignedInRoutes } from '@launchlog/server/http/route/signed-in-routes';
import { addSsoRoutes } from '@launchlog/server/http/route/sso-routes';
import { addStrayRoutes } from '@launchlog/server/http/route/stray-routes';
import { addTokenRoutes } from '@launchlog/server/http/route/token-routes';
import { MergedSseRoute } from '@launchlog/server/http/sse/merged-sse-route';
import { nodeEventSseRoute } from '@launchlog/server/http/sse/node-event-sse-route';
import { runtimeLogSseRoute } from '@launchlog/server/http/sse/runtime-log-sse-route';
import { LogSseRoute } from '@launchlog/server/http/sse/log-sse-route';
import { AuthorizedLaunches } from '@launchlog/server/launch/authorized-launches';
import { EmbeddedLogStore } from '@launchlog/server/log/embedded-log-store';
import { NodeLogWriter } from '@launchlog/server/log/node-log-writer';
import { createLogger } from '@launchlog/server/logger';
import type { Logger } from '@launchlog/server/logger';
import { MergedFeed } from '@launchlog/server/merged-feed/merged-feed';
import type { LaunchMetricsReader } from '@launchlog/server/metrics/launch-metrics';
import { NodeMembers } from '@launchlog/server/node/node-members';
import { NodeWatch } from '@launchlog/server/node/node-watch';
import type { NotificationService } from '@launchlog/server/notification/notification-service';
import { PageAnswerLimiter } from '@launchlog/server/rate-limit/page-answer-limiter';
import { LogScanService } from '@launchlog/server/search/log-scan-service';
import type { SingleSignOn } from '@launchlog/server/sign-in/single-sign-on';
import { TrpcServer } from '@launchlog/server/trpc/trpc-server';
import type { Node } from '@launchlog/shared/node';
import { EdgeAccess } from './edge-access.js';
import { edgeAuth } from './edge-auth.js';
import type { EdgeAccessOptions } from './edge-access.js';
import { ServerChanges } from '../fake/server-changes.js';
import { memoryRuntimeLogs } from '../fake/memory-runtime-logs.js';
import { memoryEventFeed } from '../fake/memory-node-events.js';
import { ServerLaunches } from '../fake/server-launches.js';
import { memoryBudgets } from '../fake/memory-budgets.js';
import { memoryStrays } from '../fake/memory-strays.js';
import { simulatedEstimates } from '../fake/simulated-estimates.js';
import { NO_METRICS, NO_METRICS_PAGE, NO_NOTIFICATIONS } from '../fake/unused-services.js';
import { writeLine } from '../log/write-line.js';

export const ADMIN_TOKEN = 'the-admin-token-of-the-tests';

export interface ServerEdgeOptions extends EdgeAccessOptions {
  readonly trustedProxies?: readonly string[];
  readonly logger?: Logger;
  readonly heartbeatMs?: number;
  readonly maxAgeMs?: number;
  readonly socketMoveWithinMs?: number;
  readonly stalledWithinMs?: number;
  readonly searchWithinMs?: number;
  readonly searchReadWithinMs?: number;
  readonly streamsMax?: number;
  readonly addressConnectionsMax?: number;
  readonly bodyMaxBytes?: number;
  readonly bufferMaxBytes?: number;
  readonly allowedOrigins?: readonly string[];
  readonly publicUrl?: string;
  readonly subscriptionsMax?: number;
  readonly messagesPerMinute?: number;
  readonly ticketOpenMs?: number;
  readonly consoleDir?: string;
  readonly logMaxEntries?: number;
  readonly adminToken?: string;
  readonly notifications?: NotificationService;
  readonly launchMetrics?: LaunchMetricsReader;
  readonly metricsToken?: string;
  readonly signOn?: (access: EdgeAccess) => SingleSignOn;
  readonly readiness?: Readonly<Record<string, () => Promise<void>>>;
}

/** The whole edge on a free port, over the real feed and the embedded log store; only launches are played. */
export class ServerEdge {
  readonly launches = new ServerLaunches();
  readonly access: EdgeAccess;
  readonly store: EmbeddedLogStore;
  readonly feed: LogFeed;
  readonly watch: NodeWatch;
  readonly merged: MergedFeed;
  readonly url: string;
  readonly streams: LogSseRoute;
  readonly trpc: TrpcServer;
  readonly server: HttpServer;
  readonly #folder: string;
  readonly #writers: NodeLogWriter[] = [];

  static async start(options: ServerEdgeOptions = {}): Promise<ServerEdge> {
    const folder = await mkdtemp(join(tmpdir(), 'launchlog-edge-'));
    const limits = {
      maxEntries: options.logMaxEntries ?? 20_000,
      maxBytes: 32 * 1024 * 1024,
      ttlMs: 3_600_000,
      metaTtlMs: 7_200_000,
    };
    const directory = join(folder, 'logs');
    const store = await EmbeddedLogStore.open({ directory, clock: systemClock, limits });
    const edge = new ServerEdge(folder, store, options);
    await edge.access.start();
    const { port } = await edge.server.listen(0, '127.0.0.1');
    return Object.assign(edge, { url: `http://127.0.0.1:${port}` });
  }

  private constructor(folder: string, store: EmbeddedLogStore, options: ServerEdgeOptions) {
    this.#folder = folder;
    this.store = store;
    const clock = systemClock;
    this.url = '';
    const logger = options.logger ?? createLogger('silent');
    this.access = new EdgeAccess(options);
    const { audit, tokens, sessions: signedIn, limiters } = this.access;
    const launches = new AuthorizedLaunches({ launches: this.launches, limiter: limiters.launches, audit });
    const { heartbeatMs = 15_000, maxAgeMs = 1_800_000 } = options;
    const { bodyMaxBytes = 1024 * 1024, bufferMaxBytes = 256 * 1024, streamsMax = 20_000 } = options;
    const changes = new ServerChanges(this.launches.nodes);
    const nodeSnapshot = (id: string) => this.#snapshot(id);
    const endedNodes = (ids: readonly string[]) => changes.endedAmong(ids);
    this.feed = new LogFeed({ store, clock, maxAgeMs, nodeSnapshot, endedNodes });
    this.watch = new NodeWatch({ changes, nodes: this.launches, clock });
    const scans = new LogScanService({ store, clock, withinMs: options.searchWithinMs });
    const members = new NodeMembers({ changes, watch: this.watch });
    this.merged = new MergedFeed({ feed: this.feed, store, members, clock, maxAgeMs, random: Math.random });
    const publicAddress = new PublicAddress(options.publicUrl);
    const origins = new OriginPolicy({ named: options.allowedOrigins ?? [], publicUrl: options.publicUrl });
    const { authenticator, sessions, tickets } = edgeAuth(this.access, {
      secret: options.adminToken ?? ADMIN_TOKEN,
      origins,
      path: publicAddress.path || '/',
      openWithinMs: options.ticketOpenMs ?? 60_000,
      resumeWithinMs: maxAgeMs + 300_000,
    });
    const estimates = simulatedEstimates(clock);
    const shared = {
      launches,
      estimates,
      budgets: memoryBudgets(audit),
      strays: memoryStrays(audit),
      events: memoryEventFeed(this.watch, maxAgeMs),
      runtimeLogs: memoryRuntimeLogs(),
      feed: this.feed,
      watch: this.watch,
      scans,
      merged: this.merged,
      authenticator,
      audit,
      tokens,
      sessions: signedIn,
      identities: this.access.identities,
      clock,
      heartbeatMs,
      bufferMaxBytes,
      random: Math.random,
      streamLimit: new StreamLimit(streamsMax),
    };
    const pageAnswers = new PageAnswerLimiter();
    const rest = new RestApp(authenticator, logger, publicAddress);
    addNodeRoutes(rest, { launches, bodyMaxBytes });
    addEstimateRoutes(rest, { estimates, bodyMaxBytes });
    addNodeEventRoutes(rest, shared);
    const { notifications: service = NO_NOTIFICATIONS, launchMetrics = NO_METRICS } = options;
    const notifications = new AuditedNotifications({ service, audit });
    addNotificationRoutes(rest, { notifications, bodyMaxBytes });
    addMetricsRoutes(rest, { launchMetrics });
    addMetricsPageRoute(rest, { token: options.metricsToken, page: NO_METRICS_PAGE });
    addLogRoutes(rest, { launches, logs: store, tickets, audit, pageAnswers });
    addExportRoutes(rest, { launches, logs: store, audit, clock });
    addSearchRoutes(rest, { launches, scans, clock, readWithinMs: options.searchReadWithinMs });
    describeMergedRoutes(rest);
    addBudgetRoutes(rest, shared);
    addStrayRoutes(rest, shared);
    addTokenRoutes(rest, { tokens });
    addIdentityRoute(rest, { identities: this.access.identities });
    addSignedInRoutes(rest, { sessions: signedIn });
    addAuditRoutes(rest, { audit, authenticator });
    const doctor = new Doctor({ checks: [], clock, proxies: { cookieSecure: false, publicUrl: undefined } });
    addDoctorRoutes(rest, { doctor });
    addSsoRoutes(rest, { signOn: options.signOn?.(this.access), publicAddress, limiter: limiters.signIns });
    addSessionRoutes(rest, { authenticator, sessions, audit });
    addProbeRoutes(rest, {
      readiness: options.readiness ?? { log_store: () => store.ping() },
      isDraining: () => this.server.isDraining,
      timeoutMs: 200,
      clock,
    });
    this.streams = new LogSseRoute({ ...shared, logs: store });
    this.trpc = new TrpcServer({
      ...shared,
      doctor,
      pageAnswers,
      notifications,
      launchMetrics,
      logs: store,
      origins,
      logger,
      bodyMaxBytes,
      socketsMax: streamsMax,
      messageMaxBytes: 256 * 1024,
      subscriptionsMax: options.subscriptionsMax ?? 100,
      messagesPerMinute: options.messagesPerMinute ?? 6_000,
      windowBytes: bufferMaxBytes,
      maxAgeMs,
      moveWithinMs: options.socketMoveWithinMs,
    });
    this.server = new HttpServer({
      rest,
      streams: [
        this.streams,
        new MergedSseRoute(shared),
        nodeEventSseRoute(shared),
        runtimeLogSseRoute(shared),
        this.trpc.eventStreams,
      ],
      console: new ConsoleFiles(options.consoleDir ?? join(folder, 'no-console'), publicAddress.path),
      trpc: this.trpc,
      drainStreams: () => {
        this.feed.drain();
        this.merged.drain();
      },
      requests: limiters.addresses,
      clientAddress: new ClientAddress(options.trustedProxies ?? []),
      publicAddress,
      origins,
      clock,
      logger,
      newRequestId: randomUUID,
      connectionsMax: streamsMax + 100,
      addressConnectionsMax: options.addressConnectionsMax ?? streamsMax + 100,
      stalledWithinMs: options.stalledWithinMs,
    });
  }

  /** Writes the log of a node as its launch would. */
  writer(node: Node): Promise<NodeLogWriter> {
    return NodeLogWriter.claim({ store: this.store, clock: systemClock, nodeId: node.id, attempt: 1 });
  }

  /** A node with this number of entries in its log, still launching. */
  async nodeWithLog(entries: number) {
    const node = this.launches.add();
    const writer = await this.writer(node);
    this.#writers.push(writer);
    for (let number = 1; number <= entries; number += 1) {
      writeLine(writer, `line ${number}`, { phase: 'provisioning', source: 'skypilot', progress: 12 });
    }
    await writer.flush();
    return { node, writer, path: `/admin/nodes/${node.id}/logs/stream` };
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (!headers.has('X-Admin-Token')) headers.set('X-Admin-Token', ADMIN_TOKEN);
    return fetch(this.url + path, { ...init, headers });
  }

  async close(): Promise<void> {
    await Promise.all(this.#writers.map((writer) => writer.close()));
    await this.access.close();
    await this.server.close();
    this.merged.close();
    this.watch.close();
    await this.feed.close();
    await this.store.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #snapshot(id: string) {
    const node = this.launches.nodes.get(id);
    if (node === undefined) return undefined;
    const { phase, progress, status } = node;
    return {
      status: { phase, progress, message: `The node is ${status}` },
      done: { status: status === 'lost' ? 'terminated' : status, message: `The node is ${status}` } as const,
    };
  }
}
