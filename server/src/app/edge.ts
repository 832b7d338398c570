import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { OrchestratorKind } from '@launchlog/shared/node';
import { AuditedNotifications } from '../audit/audited-notifications.js';
import { auditedRefusals } from '../audit/audited-refusals.js';
import { AdminTokenVerifier } from '../auth/admin-token-verifier.js';
import { Authenticator } from '../auth/authenticator.js';
import type { ConsoleSessions } from '../auth/session/console-sessions.js';
import { FailedSignIns } from '../auth/failed-sign-ins.js';
import { OriginPolicy } from '../auth/origin-policy.js';
import { StreamTickets } from '../auth/stream-tickets.js';
import type { BudgetService } from '../budget/budget-service.js';
import type { Clock } from '../clock.js';
import type { Config } from '../config.js';
import type { Doctor } from '../doctor/doctor.js';
import { StreamLimit } from '../edge/event-stream/stream-limit.js';
import { PublicAddress } from '../edge/public-address.js';
import { PACKAGE_FOLDER } from '../release.js';
import type { LaunchEstimates } from '../estimate/launch-estimates.js';
import type { LogFeed } from '../feed/log-feed.js';
import { ClientAddress } from '../http/client-address.js';
import { ConsoleFiles } from '../http/console-files.js';
import { HttpServer } from '../http/http-server.js';
import { RestApp } from '../http/rest-app.js';
import { addAuditRoutes } from '../http/route/audit-routes.js';
import { addBudgetRoutes } from '../http/route/budget-routes.js';
import { addDoctorRoutes } from '../http/route/doctor-routes.js';
import { addEstimateRoutes } from '../http/route/estimate-routes.js';
import { addExportRoutes } from '../http/route/export-routes.js';
import { addIdentityRoute } from '../http/route/identity-route.js';
import { addLogRoutes } from '../http/route/log-routes.js';
import { describeMergedRoutes } from '../http/route/merged-routes.js';
import { addMetricsPageRoute } from '../http/route/metrics-page-route.js';
import { addMetricsRoutes } from '../http/route/metrics-routes.js';
import { addNodeEventRoutes } from '../http/route/node-event-routes.js';
import { addNodeRoutes } from '../http/route/node-routes.js';
import { addNotificationRoutes } from '../http/route/notification-routes.js';
import { addProbeRoutes } from '../http/route/probe-routes.js';
import { addSearchRoutes } from '../http/route/search-routes.js';
import { addSessionRoutes } from '../http/route/session-routes.js';
import { addSignedInRoutes } from '../http/route/signed-in-routes.js';
import { addSsoRoutes } from '../http/route/sso-routes.js';
import { addStrayRoutes } from '../http/route/stray-routes.js';
import { addTokenRoutes } from '../http/route/token-routes.js';
import { MergedSseRoute } from '../http/sse/merged-sse-route.js';
import { nodeEventSseRoute } from '../http/sse/node-event-sse-route.js';
import { runtimeLogSseRoute } from '../http/sse/runtime-log-sse-route.js';
import type { RuntimeLogs } from '../runtime-log/runtime-logs.js';
import { LogSseRoute } from '../http/sse/log-sse-route.js';
import { AuthorizedLaunches } from '../launch/authorized-launches.js';
import type { LaunchService } from '../launch/launch-service.js';
import type { NodeLogStore } from '../log/log-store.js';
import type { Logger } from '../logger.js';
import type { MergedFeed } from '../merged-feed/merged-feed.js';
import type { StreamCounts } from '../metrics/prometheus-feed-meter.js';
import type { NodeEventFeed } from '../node/event/node-event-feed.js';
import type { NodeWatch } from '../node/node-watch.js';
import type { NotificationService } from '../notification/notification-service.js';
import { HeavyReads } from '../rate-limit/heavy-reads.js';
import { PageAnswerLimiter } from '../rate-limit/page-answer-limiter.js';
import { LogScanService } from '../search/log-scan-service.js';
import type { StrayService } from '../stray/stray-service.js';
import { TrpcServer } from '../trpc/trpc-server.js';
import type { Access } from './access.js';
import type { Metrics } from './metrics.js';
import { identityHeaders, type SignIn } from './sign-in.js';

interface EdgeOptions {
  readonly config: Config;
  /** Open event streams, and as many WebSockets. */
  readonly streamsMax: number;
  readonly adminToken: string;
  readonly access: Access;
  readonly signIn: SignIn;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly launches: LaunchService;
  readonly orchestrator: OrchestratorKind;
  readonly doctor: Doctor;
  readonly logs: NodeLogStore;
  readonly feed: LogFeed;
  readonly watch: NodeWatch;
  readonly events: NodeEventFeed;
  readonly runtimeLogs: RuntimeLogs;
  readonly estimates: LaunchEstimates;
  readonly budgets: BudgetService;
  readonly strays: StrayService;
  readonly merged: MergedFeed;
  readonly notifications: NotificationService;
  readonly metrics: Metrics;
  readonly readiness: Readonly<Record<string, () => Promise<void>>>;
}

const CONSOLE_FOLDER = join(PACKAGE_FOLDER, 'console/dist');
const MINUTE_MS = 60_000;
const TICKET_OPEN_MS = MINUTE_MS;
/** How long a reader whose stream reached its maximum age may take to reconnect with its ticket. */
const TICKET_GRACE_MS = 5 * MINUTE_MS;
const READINESS_TIMEOUT_MS = 2_000;
/** The most bytes buffered in one reader's socket. Beyond that it falls behind and catches up from history. */
const READER_BUFFER_BYTES = 256 * 1024;
const SOCKET_MESSAGE_BYTES = 256 * 1024;
const SUBSCRIPTIONS_PER_SOCKET = 200;
const MESSAGES_PER_MINUTE_AND_SOCKET = 6_000;
/** Connections for short requests and the console, in addition to those of streams. */
const OTHER_CONNECTIONS = 1_000;

/** Creates everything that listens: REST, event streams, tRPC and the console on one port. */
export function createEdge(options: EdgeOptions): HttpServer {
  const { config, clock, logger, logs, feed, merged, events, runtimeLogs } = options;
  const { audit, limiters } = options.access;
  const launches = new AuthorizedLaunches({ launches: options.launches, limiter: limiters.launches, audit });
  const publicAddress = new PublicAddress(config.PUBLIC_URL);
  const origins = new OriginPolicy({ named: config.ALLOWED_ORIGINS, publicUrl: config.PUBLIC_URL });
  const { authenticator, sessions, tickets } = createAuth(options, origins);
  const scans = new LogScanService({ store: logs, clock });
  const notifications = new AuditedNotifications({ service: options.notifications, audit });
  const shared = { launches, notifications, feed, logs, scans, authenticator, tickets, clock };
  const reading = readingOf(options);
  const pageAnswers = new PageAnswerLimiter();
  const trpc = createTrpc(options, { ...shared, ...reading, origins, pageAnswers });
  const streams = [
    new LogSseRoute({ ...shared, ...reading }),
    new MergedSseRoute({ merged, authenticator, clock, ...reading }),
    nodeEventSseRoute({ launches, events, authenticator, clock, ...reading }),
    runtimeLogSseRoute({ launches, runtimeLogs, authenticator, clock, ...reading }),
    trpc.eventStreams,
  ];
  const rest = createRest(options, { ...shared, sessions, pageAnswers, publicAddress });
  addProbeRoutes(rest, {
    readiness: options.readiness,
    isDraining: () => server.isDraining,
    timeoutMs: READINESS_TIMEOUT_MS,
    clock,
  });
  options.metrics.watchStreams(() => countStreams(options, streams, trpc));
  const server: HttpServer = new HttpServer({
    rest,
    streams,
    console: new ConsoleFiles(CONSOLE_FOLDER, publicAddress.path),
    trpc,
    drainStreams: () => {
      feed.drain();
      merged.drain();
    },
    requests: limiters.addresses,
    clientAddress: new ClientAddress(config.TRUSTED_PROXIES, Object.values(identityHeaders(config) ?? {})),
    publicAddress,
    origins,
    clock,
    logger,
    meter: options.metrics.http,
    newRequestId: randomUUID,
    connectionsMax: options.streamsMax + OTHER_CONNECTIONS,
    addressConnectionsMax: config.MAX_CONNECTIONS_PER_ADDRESS,
  });
  return server;
}

/** The settings that all event streams share. */
function readingOf({ config, streamsMax }: EdgeOptions) {
  const streamLimit = new StreamLimit(streamsMax);
  const heartbeatMs = config.HEARTBEAT_SECONDS * 1_000;
  return { streamLimit, heartbeatMs, random: Math.random, bufferMaxBytes: READER_BUFFER_BYTES };
}

interface RestServices {
  readonly launches: AuthorizedLaunches;
  readonly notifications: AuditedNotifications;
  readonly authenticator: Authenticator;
  readonly sessions: ConsoleSessions;
  readonly tickets: StreamTickets;
  readonly scans: LogScanService;
  readonly pageAnswers: PageAnswerLimiter;
  readonly publicAddress: PublicAddress;
}

/** All REST routes except the probes, which the server itself answers. */
function createRest(options: EdgeOptions, services: RestServices): RestApp {
  const { config, clock, logger, logs } = options;
  const { audit, tokens } = options.access;
  const { launches, notifications, authenticator, sessions, tickets, scans, pageAnswers } = services;
  const rest = new RestApp(authenticator, logger, services.publicAddress);
  addNodeEventRoutes(rest, { launches, events: options.events });
  addEstimateRoutes(rest, { estimates: options.estimates, bodyMaxBytes: config.MAX_BODY_BYTES });
  addNodeRoutes(rest, { launches, bodyMaxBytes: config.MAX_BODY_BYTES });
  addNotificationRoutes(rest, { notifications, bodyMaxBytes: config.MAX_BODY_BYTES });
  addMetricsRoutes(rest, options.metrics);
  addMetricsPageRoute(rest, { token: config.METRICS_TOKEN, page: options.metrics.page });
  addLogRoutes(rest, { launches, logs, tickets, audit, pageAnswers });
  addExportRoutes(rest, { launches, logs, audit, clock });
  addSearchRoutes(rest, { launches, scans, clock });
  describeMergedRoutes(rest);
  addBudgetRoutes(rest, { budgets: options.budgets });
  addStrayRoutes(rest, { strays: options.strays });
  addTokenRoutes(rest, { tokens });
  addIdentityRoute(rest, { identities: options.access.identities });
  addSignedInRoutes(rest, { sessions: options.access.sessions });
  addAuditRoutes(rest, { audit, authenticator });
  addDoctorRoutes(rest, { doctor: options.doctor });
  const { signOn } = options.signIn;
  addSessionRoutes(rest, { authenticator, sessions, audit, orchestrator: options.orchestrator, signOn });
  addSsoRoutes(rest, {
    signOn,
    publicAddress: services.publicAddress,
    limiter: options.access.limiters.signIns,
  });
  return rest;
}

function createAuth({ config, adminToken, access, signIn, clock }: EdgeOptions, origins: OriginPolicy) {
  const secret = adminToken;
  const { sessions, tokens, identity } = signIn;
  const tickets = new StreamTickets({
    secret,
    clock,
    openWithinMs: TICKET_OPEN_MS,
    resumeWithinMs: config.STREAM_MAX_MINUTES * MINUTE_MS + TICKET_GRACE_MS,
    opened: access.openedTickets,
    newId: randomUUID,
  });
  const { registry, limiters, audit } = access;
  const authenticator = new Authenticator({
    verifiers: [new AdminTokenVerifier(adminToken), registry, tokens],
    sessions,
    identity,
    tickets,
    tokens: registry,
    requests: limiters.requests,
    failedSignIns: new FailedSignIns({
      failures: limiters.failedSignIns,
      repeats: limiters.wrongTokens,
      secret,
    }),
    heavyReads: new HeavyReads(clock),
    ...auditedRefusals(audit),
    origins,
  });
  return { authenticator, sessions, tickets };
}

function countStreams(
  { feed }: EdgeOptions,
  streams: readonly { readonly size: number }[],
  { streams: websocket, sockets }: TrpcServer,
): StreamCounts {
  const sse = streams.reduce((sum, { size }) => sum + size, 0);
  return { readers: feed.readerCounts, streams: { sse, websocket }, sockets };
}

type TrpcServices = Pick<
  ConstructorParameters<typeof TrpcServer>[0],
  | 'launches'
  | 'notifications'
  | 'feed'
  | 'logs'
  | 'scans'
  | 'authenticator'
  | 'clock'
  | 'heartbeatMs'
  | 'origins'
  | 'pageAnswers'
  | 'streamLimit'
  | 'random'
>;

function createTrpc(options: EdgeOptions, services: TrpcServices): TrpcServer {
  const { config, logger, access, watch, events, runtimeLogs, merged } = options;
  const { launchMetrics } = options.metrics;
  return new TrpcServer({
    ...services,
    audit: access.audit,
    doctor: options.doctor,
    estimates: options.estimates,
    budgets: options.budgets,
    strays: options.strays,
    tokens: access.tokens,
    sessions: access.sessions,
    identities: access.identities,
    watch,
    events,
    runtimeLogs,
    merged,
    launchMetrics,
    logger,
    bodyMaxBytes: config.MAX_BODY_BYTES,
    socketsMax: options.streamsMax,
    messageMaxBytes: SOCKET_MESSAGE_BYTES,
    subscriptionsMax: SUBSCRIPTIONS_PER_SOCKET,
    messagesPerMinute: MESSAGES_PER_MINUTE_AND_SOCKET,
    windowBytes: READER_BUFFER_BYTES,
    maxAgeMs: config.STREAM_MAX_MINUTES * MINUTE_MS,
  });
}
