import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { deliveryQuerySchema } from '@launchlog/shared/notification';
import type { NotificationDelivery } from '@launchlog/shared/notification';
import { systemClock } from '@launchlog/server/clock';
import { SecretBox } from '@launchlog/server/node/secret-box';
import type { SqlDatabase } from '@launchlog/server/node/sql-database';
import { SqlNodeStore } from '@launchlog/server/node/sql-node-store';
import { DeliveryAttempt } from '@launchlog/server/notification/delivery-attempt';
import { DiscordNotifier } from '@launchlog/server/notification/discord-notifier';
import { EmailNotifier } from '@launchlog/server/notification/email-notifier';
import { SystemHostResolver, type HostResolver } from '@launchlog/server/notification/host-resolver';
import { NotificationDispatcher } from '@launchlog/server/notification/notification-dispatcher';
import { NotificationService } from '@launchlog/server/notification/notification-service';
import { OutboundClient } from '@launchlog/server/notification/outbound-client';
import { OutboundGuard } from '@launchlog/server/notification/outbound-guard';
import { SlackNotifier } from '@launchlog/server/notification/slack-notifier';
import { SqlNotificationStore } from '@launchlog/server/notification/sql-notification-store';
import { TargetBox } from '@launchlog/server/notification/target-box';
import { TargetSender, type Notifiers } from '@launchlog/server/notification/target-sender';
import { WebhookNotifier } from '@launchlog/server/notification/webhook-notifier';
import { makeWebhookSecret } from '@launchlog/server/notification/webhook-signature';

export interface NotificationServerOptions {
  readonly database: SqlDatabase;
  readonly allowedHosts?: readonly string[];
  readonly resolver?: HostResolver;
  readonly smtpUrl?: string;
  /** All servers of one database have the same. */
  readonly secretsKey?: Uint8Array;
  readonly retryDelaysMs?: readonly number[];
  readonly sendTimeoutMs?: number;
  readonly leaseMs?: number;
  readonly pollMs?: number;
}

const DELIVERY_WAIT_MS = 10_000;

/** The notifications of one server, put together as the server does, without the rest of it. */
export class NotificationServer {
  readonly service: NotificationService;
  readonly dispatcher: NotificationDispatcher;
  /** What the server wrote into its own log. */
  readonly logLines: string[] = [];

  constructor(options: NotificationServerOptions) {
    const clock = systemClock;
    const { database, retryDelaysMs, leaseMs } = options;
    const logger = pino({ level: 'debug' }, { write: (line: string) => void this.logLines.push(line) });
    const guard = new OutboundGuard({
      allowedHosts: options.allowedHosts ?? ['127.0.0.1'],
      resolver: options.resolver ?? new SystemHostResolver(),
    });
    const targets = new TargetBox(new SecretBox(options.secretsKey ?? randomBytes(32)));
    const notifiers = notifiersOf(new OutboundClient(guard), options.smtpUrl);
    const sender = new TargetSender({
      notifiers,
      clock,
      ...(options.sendTimeoutMs !== undefined && { timeoutMs: options.sendTimeoutMs }),
    });
    const store = new SqlNotificationStore(database);
    const nodes = new SqlNodeStore({ database, clock });
    const publicUrl = 'https://launchlog.example.com/';
    const attempt = new DeliveryAttempt({
      ...{ store, nodes, sender, targets, clock, logger, publicUrl },
      random: () => 0.5,
      ...(retryDelaysMs !== undefined && { retryDelaysMs }),
    });
    this.dispatcher = new NotificationDispatcher({
      ...{ store, attempt, clock, logger, pollMs: options.pollMs ?? 50 },
      ...(leaseMs !== undefined && { leaseMs }),
    });
    this.service = new NotificationService({
      ...{ store, sender, guard, targets, clock, publicUrl },
      newId: randomUUID,
      newSecret: () => makeWebhookSecret(randomBytes),
      nudge: () => this.dispatcher.nudge(),
    });
  }

  async deliveries(query: object = {}): Promise<NotificationDelivery[]> {
    return (await this.service.listDeliveries(deliveryQuerySchema.parse(query))).deliveries;
  }

  /** Waits until so many deliveries are as asked. */
  async waitFor(count: number, query: object): Promise<NotificationDelivery[]> {
    const deadline = Date.now() + DELIVERY_WAIT_MS;
    for (;;) {
      const found = await this.deliveries(query);
      if (found.length >= count) return found;
      if (Date.now() > deadline) {
        throw new Error(`${found.length} of ${count}: ${JSON.stringify(await this.deliveries())}`);
      }
      await sleep(20);
    }
  }

  close(): Promise<void> {
    return this.dispatcher.close();
  }
}

function notifiersOf(client: OutboundClient, smtpUrl: string | undefined): Notifiers {
  const from = 'Launchlog <launchlog@example.com>';
  return {
    webhook: new WebhookNotifier({ client, clock: systemClock }),
    slack: new SlackNotifier(client),
    discord: new DiscordNotifier(client),
    email: smtpUrl === undefined ? undefined : new EmailNotifier({ smtpUrl, from }),
  };
}
