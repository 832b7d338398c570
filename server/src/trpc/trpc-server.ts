import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { SignInPenalty } from '../auth/sign-in-penalty.js';
import type { LogFeed } from '../feed/log-feed.js';
import type { AuthorizedLaunches } from '../launch/authorized-launches.js';
import type { NodeLogStore } from '../log/log-store.js';
import type { PageAnswerLimiter } from '../rate-limit/page-answer-limiter.js';
import type { AuditRouterServices } from './access/audit-router.js';
import type { DoctorRouterServices } from './doctor-router.js';
import type { LogsRouterServices } from './logs-router.js';
import type { MetricsRouterServices } from './metrics-router.js';
import type { NodesRouterServices } from './nodes-router.js';
import type { NotificationRouterServices } from './notification-router.js';
import type { BudgetRouterServices } from './cost/budget-router.js';
import type { StrayRouterServices } from './cost/stray-router.js';
import { createAppRouter } from './router.js';
import type { SessionRouterServices } from './access/session-router.js';
import type { TokenRouterServices } from './access/token-router.js';
import { TrpcEventStreams } from './event-stream/trpc-event-streams.js';
import type { TrpcEventStreamsOptions } from './event-stream/trpc-event-streams.js';
import { TrpcHttp } from './trpc-http.js';
import { TrpcSockets } from './trpc-sockets.js';
import type { TrpcSocketsOptions } from './trpc-sockets.js';

interface TrpcServerOptions extends Omit<TrpcSocketsOptions, 'router' | 'launches' | 'feed' | 'penalty'> {
  readonly launches: AuthorizedLaunches;
  readonly logs: NodeLogStore;
  readonly feed: LogFeed;
  readonly watch: NodesRouterServices['watch'];
  readonly events: NodesRouterServices['events'];
  readonly budgets: BudgetRouterServices['budgets'];
  readonly strays: StrayRouterServices['strays'];
  readonly estimates: NodesRouterServices['estimates'];
  readonly runtimeLogs: NodesRouterServices['runtimeLogs'];
  readonly merged: LogsRouterServices['merged'];
  readonly scans: LogsRouterServices['scans'];
  readonly launchMetrics: MetricsRouterServices['launchMetrics'];
  readonly notifications: NotificationRouterServices['notifications'];
  readonly audit: AuditRouterServices['audit'];
  readonly doctor: DoctorRouterServices['doctor'];
  readonly sessions: SessionRouterServices['sessions'];
  readonly identities: SessionRouterServices['identities'];
  readonly tokens: TokenRouterServices['tokens'];
  readonly pageAnswers: PageAnswerLimiter;
  readonly streamLimit: TrpcEventStreamsOptions['streamLimit'];
  readonly random: TrpcEventStreamsOptions['random'];
  /** The size of one HTTP request. */
  readonly bodyMaxBytes: number;
}

/** Serves `/trpc`: queries and mutations over HTTP, subscriptions as event streams, everything over WebSocket. */
export class TrpcServer {
  /** Subscriptions over HTTP, as a route of their own. */
  readonly eventStreams: TrpcEventStreams;
  readonly #http: TrpcHttp;
  readonly #sockets: TrpcSockets;

  constructor(options: TrpcServerOptions) {
    const router = createAppRouter(options);
    const { windowBytes: bufferMaxBytes } = options;
    this.eventStreams = new TrpcEventStreams({ ...options, router, bufferMaxBytes });
    this.#http = new TrpcHttp({ ...options, router });
    this.#sockets = new TrpcSockets({ ...options, router, penalty: new SignInPenalty(options.clock) });
  }

  /** The number of open sockets. */
  get sockets(): number {
    return this.#sockets.size;
  }

  /** The number of open log streams. */
  get streams(): number {
    return this.#sockets.streams;
  }

  handle(incoming: IncomingMessage, response: ServerResponse, address: string): Promise<void> {
    return this.#http.handle(incoming, response, address);
  }

  upgrade(
    incoming: IncomingMessage,
    connection: Duplex,
    upgrade: { head: Buffer; address: string },
  ): Promise<void> {
    return this.#sockets.upgrade(incoming, connection, upgrade);
  }

  drain(): void {
    this.#sockets.drain();
  }

  /** Idempotent. */
  close(): void {
    this.#sockets.close();
  }

  terminate(): void {
    this.#sockets.terminate();
  }
}
