import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { SqlDatabase } from '@launchlog/server/database/sql-database';
import { SqlNotificationStore } from '@launchlog/server/notification/sql-notification-store';
import { deliveryQuerySchema } from '@launchlog/shared/notification';
import type { NotificationDelivery } from '@launchlog/shared/notification';
import type { OpenDatabase } from '../database/node-databases.js';
import { endNode, insertNode } from '../database/node-rows.js';

const HOUR_MS = 3_600_000;

/** A notification store on a database of its own, empty before each test of the suite that makes it. */
export class NotificationBench {
  #fixture: OpenDatabase | undefined;
  #store: SqlNotificationStore | undefined;

  constructor(open: () => Promise<OpenDatabase>) {
    beforeAll(async () => {
      this.#fixture = await open();
      this.#store = new SqlNotificationStore(this.#fixture.database);
    });
    afterAll(() => this.#fixture?.stop());
    beforeEach(() => this.database.script('truncate nodes, notification_rules cascade'));
  }

  get database(): SqlDatabase {
    if (this.#fixture === undefined) throw new Error('the database opens before the first test');
    return this.#fixture.database;
  }

  get store(): SqlNotificationStore {
    if (this.#store === undefined) throw new Error('the store opens before the first test');
    return this.#store;
  }

  readonly list = async (query: object = {}): Promise<readonly NotificationDelivery[]> =>
    (await this.store.listDeliveries(deliveryQuerySchema.parse(query))).deliveries;

  readonly fill = (): ReturnType<SqlNotificationStore['fill']> => this.store.fill(HOUR_MS);

  /** A node whose launch has ended. */
  readonly ended = async (changes: Parameters<typeof endNode>[2] = {}): Promise<string> => {
    const id = await insertNode(this.database);
    await endNode(this.database, id, changes);
    return id;
  };
}
