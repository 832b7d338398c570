import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { OrchestratorKind } from '@launchlog/shared/node';
import { AdminTokenVerifier } from './auth/admin-token-verifier.js';
import { Authenticator } from './auth/authenticator.js';
import { ConsoleSessions } from './auth/console-sessions.js';
import { FailedSignIns } from './auth/failed-sign-ins.js';
import { OriginPolicy } from './auth/origin-policy.js';
import { StreamTickets } from './auth/stream-tickets.js';
import type { Clock } from './clock.js';
import type { Config } from './config.js';
import { ClientAddress } from './http/client-address.js';
import { ConsoleFiles } from './http/console-files.js';
import { HttpServer } from './http/http-server.js';
import { addLogRoutes } from './http/log-routes.js';
import { MergedSseRoute } from './http/merged-sse-route.js';
import { addMetricsRoutes } from './http/metrics-routes.js';
import { addNodeRoutes } from './http/node-routes.js';
import { addNotificationRoutes } from './http/notification-routes.js';
import { addProbeRoutes } from './http/probe-routes.js';
import { RestApp } from './http/rest-app.js';
import { addSessionRoutes } from './http/session-routes.js';
import { SseRoute } from './http/sse-route.js';
import type { LaunchService } from './launch/launch-service.js';
import type { LogFeed } from './log/log-feed.js';
import type { NodeLogStore } from './log/log-store.js';
import type { MergedFeed } from './log/merged-feed.js';
import type { Logger } from './logger.js';
import type { NodeWatch } from './node/node-watch.js';
import type { LaunchMetricsReader } from './metrics/launch-metrics.js';
import type { NotificationService } from './notification/notification-service.js';
import { TrpcServer } from './trpc/trpc-server.js';

export interface EdgeOptions {
  readonly config: Config;
  readonly adminToken: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly launches: LaunchService;
  readonly orchestrator: OrchestratorKind;
  readonly logs: NodeLogStore;
  readonly feed: LogFeed;
  readonly watch: NodeWatch;
  readonly merged: MergedFeed;
  readonly notifications: NotificationService;
  readonly launchMetrics: LaunchMetricsReader;
  readonly readiness: Readonly<Record<string, () => Promise<void>>>;
}

const MINUTE_MS = 60_000;
const SESSION_MS = 12 * 60 * MINUTE_MS;
const TICKET_OPEN_MS = MINUTE_MS;
/** A reader that was sent away for its age may take so long to come again with its ticket. */
const TICKET_GRACE_MS = 5 * MINUTE_MS;
const READINESS_TIMEOUT_MS = 2_000;
/** Bytes that wait in the socket of one reader before it is left behind to catch up from history. */
const READER_BUFFER_BYTES = 256 * 1024;
const SOCKET_MESSAGE_BYTES = 256 * 1024;
const SUBSCRIPTIONS_PER_SOCKET = 200;
const MESSAGES_PER_MINUTE_AND_SOCKET = 6_000;
/** Beside the streams: short requests and the console. */
const OTHER_CONNECTIONS = 1_000;

/** Everything that listens: REST, event streams, tRPC and the console on one port. */
export function createEdge(options: EdgeOptions): HttpServer {
  const { config, clock, logger, launches, logs, feed, merged, notifications } = options;
  const origins = new OriginPolicy(config.ALLOWED_ORIGINS);
  const { authenticator, sessions, tickets } = createAuth(options, origins);
  const heartbeatMs = config.HEARTBEAT_SECONDS * 1_000;
  const shared = { launches, feed, logs, authenticator, tickets, clock, heartbeatMs };
  const reading = { random: Math.random, bufferMaxBytes: READER_BUFFER_BYTES };
  const streams = [
    new SseRoute({ ...shared, ...reading, streamsMax: config.MAX_STREAMS }),
    new MergedSseRoute({ merged, authenticator, clock, heartbeatMs, ...reading }),
  ];
  const rest = new RestApp(authenticator, logger);
  addNodeRoutes(rest, { launches, bodyMaxBytes: config.MAX_BODY_BYTES });
  addNotificationRoutes(rest, { notifications, bodyMaxBytes: config.MAX_BODY_BYTES });
  addMetricsRoutes(rest, { launchMetrics: options.launchMetrics });
  addLogRoutes(rest, { launches, logs, tickets });
  addSessionRoutes(rest, { authenticator, sessions, orchestrator: options.orchestrator });
  addProbeRoutes(rest, {
    readiness: options.readiness,
    isDraining: () => server.isDraining,
    timeoutMs: READINESS_TIMEOUT_MS,
    clock,
  });
  const server: HttpServer = new HttpServer({
    rest,
    streams,
    console: new ConsoleFiles(fileURLToPath(new URL('../console/dist', import.meta.url))),
    trpc: createTrpc(options, { ...shared, origins }),
    drainStreams: () => {
      feed.drain();
      merged.drain();
    },
    clientAddress: new ClientAddress(config.TRUSTED_PROXIES),
    origins,
    clock,
    logger,
    newRequestId: randomUUID,
    connectionsMax: config.MAX_STREAMS + OTHER_CONNECTIONS,
  });
  return server;
}

function createAuth({ config, adminToken, clock }: EdgeOptions, origins: OriginPolicy) {
  const secret = adminToken;
  const sessions = new ConsoleSessions({ secret, clock, lastsMs: SESSION_MS, secure: config.COOKIE_SECURE });
  const tickets = new StreamTickets({
    secret,
    clock,
    openWithinMs: TICKET_OPEN_MS,
    resumeWithinMs: config.STREAM_MAX_MINUTES * MINUTE_MS + TICKET_GRACE_MS,
  });
  const authenticator = new Authenticator({
    verifiers: [new AdminTokenVerifier(adminToken)],
    sessions,
    failedSignIns: new FailedSignIns(clock, config.FAILED_SIGN_INS_PER_MINUTE),
    origins,
  });
  return { authenticator, sessions, tickets };
}

type TrpcServices = Pick<
  ConstructorParameters<typeof TrpcServer>[0],
  'launches' | 'feed' | 'logs' | 'authenticator' | 'tickets' | 'clock' | 'heartbeatMs' | 'origins'
>;

function createTrpc(options: EdgeOptions, services: TrpcServices): TrpcServer {
  const { config, logger, notifications, launchMetrics, watch, merged } = options;
  return new TrpcServer({
    ...services,
    watch,
    merged,
    launchMetrics,
    notifications,
    logger,
    bodyMaxBytes: config.MAX_BODY_BYTES,
    socketsMax: config.MAX_STREAMS,
    messageMaxBytes: SOCKET_MESSAGE_BYTES,
    subscriptionsMax: SUBSCRIPTIONS_PER_SOCKET,
    messagesPerMinute: MESSAGES_PER_MINUTE_AND_SOCKET,
    windowBytes: READER_BUFFER_BYTES,
  });
}
