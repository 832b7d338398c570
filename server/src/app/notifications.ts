import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../clock.js';
import type { Config } from '../config.js';
import type { SecretBox } from '../database/secret-box.js';
import type { SqlLanes } from '../database/sql-lanes.js';
import type { Logger } from '../logger.js';
import { SqlNodeEventStore } from '../node/event/sql-node-event-store.js';
import type { NodeStore } from '../node/node-store.js';
import { DeliveryAttempt } from '../notification/delivery-attempt.js';
import { DiscordNotifier } from '../notification/discord-notifier.js';
import { EmailNotifier } from '../notification/email-notifier.js';
import { SystemHostResolver, type HostResolver } from '../notification/host-resolver.js';
import { SqlNoticeStore } from '../notification/notice/sql-notice-store.js';
import { NotificationDispatcher } from '../notification/notification-dispatcher.js';
import { NotificationService } from '../notification/notification-service.js';
import { OutboundClient } from '../notification/outbound-client.js';
import { OutboundGuard } from '../notification/outbound-guard.js';
import { SlackNotifier } from '../notification/slack-notifier.js';
import { SqlNotificationStore } from '../notification/sql-notification-store.js';
import { TargetBox } from '../notification/target-box.js';
import { TargetSender, type Notifiers } from '../notification/target-sender.js';
import { WebhookNotifier } from '../notification/webhook-notifier.js';
import { makeWebhookSecret } from '../notification/webhook-signature.js';
import type { OutboundHttp } from '../outbound/outbound-http.js';
import { createOutbound } from './outbound.js';

interface NotificationOptions {
  readonly settings: NotificationSettings;
  readonly database: SqlLanes;
  readonly nodes: Pick<NodeStore, 'find'>;
  readonly secretBox: SecretBox;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly resolver?: HostResolver;
  readonly timing?: NotificationTiming;
}

/** The operator's settings. */
interface NotificationSettings {
  /** Without it rules cannot send e-mail. */
  readonly smtpUrl?: string | undefined;
  readonly from: string;
  readonly allowedHosts: readonly string[];
  readonly publicUrl?: string | undefined;
  /** Where absent, every address is called directly. */
  readonly outbound?: OutboundHttp;
}

/** Shorter times for tests. */
export interface NotificationTiming {
  readonly retryDelaysMs?: readonly number[];
  readonly sendTimeoutMs?: number;
  readonly leaseMs?: number;
  readonly pollMs?: number;
}

export interface Notifications {
  readonly service: NotificationService;
  /** Start it, nudge it when a launch ends or stalls, and close it before the database. */
  readonly dispatcher: NotificationDispatcher;
}

export function notificationSettings(config: Config): NotificationSettings {
  return {
    smtpUrl: config.SMTP_URL,
    from: config.NOTIFICATION_FROM,
    allowedHosts: config.NOTIFICATION_ALLOWED_HOSTS,
    publicUrl: config.PUBLIC_URL,
    outbound: createOutbound(config),
  };
}

export function createNotifications(options: NotificationOptions): Notifications {
  const { settings, database, nodes, secretBox, clock, logger, timing = {} } = options;
  const { publicUrl, allowedHosts } = settings;
  const guard = new OutboundGuard({ allowedHosts, resolver: options.resolver ?? new SystemHostResolver() });
  const notifiers = createNotifiers(settings, new OutboundClient(guard, settings.outbound), clock);
  const sender = new TargetSender({ notifiers, clock, timeoutMs: timing.sendTimeoutMs });
  const store = new SqlNotificationStore(database.own, database.scans);
  const targets = new TargetBox(secretBox);
  const attempt = new DeliveryAttempt({
    store,
    nodes,
    events: new SqlNodeEventStore(database.own),
    notices: new SqlNoticeStore(database.own),
    sender,
    targets,
    clock,
    logger,
    publicUrl,
    random: Math.random,
    retryDelaysMs: timing.retryDelaysMs,
  });
  const { pollMs, leaseMs } = timing;
  const dispatcher = new NotificationDispatcher({ store, attempt, clock, logger, pollMs, leaseMs });
  const service = new NotificationService({
    store,
    sender,
    guard,
    targets,
    clock,
    publicUrl,
    newId: randomUUID,
    newSecret: () => makeWebhookSecret(randomBytes),
    nudge: () => dispatcher.nudge(),
  });
  return { service, dispatcher };
}

function createNotifiers(
  { smtpUrl, from }: NotificationSettings,
  client: OutboundClient,
  clock: Clock,
): Notifiers {
  return {
    webhook: new WebhookNotifier({ client, clock }),
    slack: new SlackNotifier(client),
    discord: new DiscordNotifier(client),
    email: smtpUrl === undefined ? undefined : new EmailNotifier({ smtpUrl, from }),
  };
}
