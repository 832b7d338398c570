import { sql } from 'drizzle-orm';
import { boolean, customType, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import type { Provider } from '@launchlog/shared/launch-request';
import type {
  DeliveryStatus,
  NotificationEvent,
  NotificationTargetKind,
  NotificationTargetView,
} from '@launchlog/shared/notification';
import { sqlTime } from '../database/sql-time.js';

const bytea = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });

/** The tables after all migrations. */
export const ruleTable = pgTable('notification_rules', {
  id: uuid('id').notNull(),
  name: text('name').notNull(),
  targetKind: text('target_kind').$type<NotificationTargetKind>().notNull(),
  /** The host in clear text, so that a claim can skip busy hosts. */
  targetHost: text('target_host').notNull(),
  targetView: jsonb('target_view').$type<NotificationTargetView>().notNull(),
  sealedTarget: bytea('sealed_target').notNull(),
  targetKeyId: text('target_key_id').notNull(),
  events: jsonb('events').$type<NotificationEvent[]>().notNull(),
  provider: text('provider').$type<Provider>(),
  deploymentId: text('deployment_id'),
  enabled: boolean('enabled').notNull(),
  /** The rule ignores launches that ended earlier: it did not exist, matched other launches, or was disabled. */
  activeSince: sqlTime('active_since')
    .notNull()
    .default(sql`now()`),
  createdAt: sqlTime('created_at')
    .notNull()
    .default(sql`now()`),
  updatedAt: sqlTime('updated_at')
    .notNull()
    .default(sql`now()`),
});

export const deliveryTable = pgTable('notification_deliveries', {
  id: uuid('id').notNull(),
  ruleId: uuid('rule_id').notNull(),
  /** The subject of the event: a node, or the id of a notice. */
  nodeId: uuid('node_id').notNull(),
  event: text('event').$type<NotificationEvent>().notNull(),
  /** The number of the node's event. 0 for an event that happens once. */
  occurrence: integer('occurrence').notNull().default(0),
  status: text('status').$type<DeliveryStatus>().notNull().default('pending'),
  attempt: integer('attempt').notNull().default(0),
  nextAttemptAt: sqlTime('next_attempt_at')
    .notNull()
    .default(sql`now()`),
  leaseId: uuid('lease_id'),
  leaseUntil: sqlTime('lease_until'),
  body: text('body'),
  responseStatus: integer('response_status'),
  error: text('error'),
  createdAt: sqlTime('created_at')
    .notNull()
    .default(sql`now()`),
  updatedAt: sqlTime('updated_at')
    .notNull()
    .default(sql`now()`),
  deliveredAt: sqlTime('delivered_at'),
});

export type RuleRow = typeof ruleTable.$inferSelect;
export type DeliveryRow = typeof deliveryTable.$inferSelect;
