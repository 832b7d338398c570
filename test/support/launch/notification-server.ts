import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { createNotifications, type NotificationTiming } from '@launchlog/server/app/notifications';
import type { Clock } from '@launchlog/server/clock';
import { systemClock } from '@launchlog/server/clock';
import { SecretBox } from '@launchlog/server/database/secret-box';
import type { SqlDatabase } from '@launchlog/server/database/sql-database';
import { SqlNodeStore } from '@launchlog/server/node/sql-node-store';
import type { NotificationDispatcher } from '@launchlog/server/notification/notification-dispatcher';
import type { NotificationService } from '@launchlog/server/notification/notification-service';
import { deliveryQuerySchema } from '@launchlog/shared/notification';
import type { NotificationDelivery } from '@launchlog/shared/notification';
import { eventually } from '../within.js';

export interface NotificationServerOptions extends NotificationTiming {
  readonly database: SqlDatabase;
  readonly clock?: Clock;
  readonly allowedHosts?: readonly string[];
  readonly smtpUrl?: string;
  /** All servers of one database have the same. */
  readonly secretsKey?: Uint8Array;
}

/** The notifications of one server, without the rest of it. */
export class NotificationServer {
  readonly service: NotificationService;
  readonly dispatcher: NotificationDispatcher;
  /** What the server wrote into its own log. */
  readonly logLines: string[] = [];

  constructor(options: NotificationServerOptions) {
    const { database, smtpUrl, allowedHosts = ['127.0.0.1'], secretsKey = randomBytes(32) } = options;
    const clock = options.clock ?? systemClock;
    const from = 'Launchlog <launchlog@example.com>';
    const { service, dispatcher } = createNotifications({
      settings: { smtpUrl, from, allowedHosts, publicUrl: 'https://launchlog.example.com/' },
      database: { own: database, reads: database, scans: database, close: () => database.close() },
      nodes: new SqlNodeStore({ database, clock }),
      secretBox: new SecretBox(secretsKey),
      clock,
      logger: pino({ level: 'debug' }, { write: (line: string) => void this.logLines.push(line) }),
      timing: { pollMs: 50, ...options },
    });
    this.service = service;
    this.dispatcher = dispatcher;
  }

  async deliveries(query: object = {}): Promise<NotificationDelivery[]> {
    return (await this.service.listDeliveries(deliveryQuerySchema.parse(query))).deliveries;
  }

  /** Waits until this number of deliveries are as asked. */
  async waitFor(count: number, query: object): Promise<NotificationDelivery[]> {
    const state = async () => `${count} deliveries in ${JSON.stringify(await this.deliveries())}`;
    return eventually(state, async () => {
      const found = await this.deliveries(query);
      return found.length >= count && found;
    });
  }

  close(): Promise<void> {
    return this.dispatcher.close();
  }
}
