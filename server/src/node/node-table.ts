import { sql } from 'drizzle-orm';
import {
  boolean,
  customType,
  doublePrecision,
  integer,
  jsonb,
  pgTable,
  text,
  uuid,
} from 'drizzle-orm/pg-core';
import type { PgUpdateSetSource } from 'drizzle-orm/pg-core';
import type { Provider } from '@launchlog/shared/launch-request';
import type {
  FailureEvidence,
  FailureReason,
  LaunchAttempt,
  LossReason,
  NodeHealth,
  NodeStatus,
  OrchestratorKind,
  PhaseSeconds,
  RetryReason,
} from '@launchlog/shared/node';
import type { Phase } from '@launchlog/shared/phase';
import { sqlTime } from '../database/sql-time.js';
import type { LaunchMemory, StoredRequest } from './node-record.js';

const bytea = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });

/** The words of the table's check. A lost node is stored as terminated, with the reason of its loss. See decision 130. */
export type StoredStatus = Exclude<NodeStatus, 'lost'>;

/** The table as the migrations create it. Values were validated before they were stored. */
export const nodeTable = pgTable('nodes', {
  id: uuid('id').notNull(),
  clusterName: text('cluster_name').notNull(),
  provider: text('provider').$type<Provider>().notNull(),
  region: text('region').notNull(),
  gpuType: text('gpu_type').notNull(),
  modelName: text('model_name').notNull(),
  status: text('status').$type<StoredStatus>().notNull().default('launching'),
  endpoint: text('endpoint'),
  deploymentId: text('deployment_id'),
  createdAt: sqlTime('created_at')
    .notNull()
    .default(sql`now()`),
  updatedAt: sqlTime('updated_at')
    .notNull()
    .default(sql`now()`),
  tenantId: text('tenant_id'),
  gpuCount: integer('gpu_count').notNull(),
  useSpot: boolean('use_spot').notNull(),
  orchestrator: text('orchestrator').$type<OrchestratorKind>().notNull(),
  retryOf: uuid('retry_of'),
  request: jsonb('request').$type<StoredRequest>().notNull(),
  createdBy: text('created_by').notNull(),
  idempotencyKey: text('idempotency_key'),
  requestHash: text('request_hash'),
  phase: text('phase').$type<Phase>().notNull().default('queued'),
  progress: integer('progress').notNull().default(0),
  phaseStartedAt: sqlTime('phase_started_at')
    .notNull()
    .default(sql`now()`),
  phaseSeconds: jsonb('phase_seconds').$type<PhaseSeconds>().notNull().default({}),
  attempts: jsonb('attempts').$type<LaunchAttempt[]>().notNull().default([]),
  memory: jsonb('memory').$type<Partial<LaunchMemory>>().notNull().default({}),
  pricePerHour: doublePrecision('price_per_hour'),
  failureReason: text('failure_reason').$type<FailureReason>(),
  failureMessage: text('failure_message'),
  etaAt: sqlTime('eta_at'),
  etaSamples: integer('eta_samples'),
  stalled: boolean('stalled').notNull().default(false),
  endedAt: sqlTime('ended_at'),
  terminatedAt: sqlTime('terminated_at'),
  handle: text('handle'),
  secretNames: jsonb('secret_names').$type<string[]>().notNull().default([]),
  sealedSecrets: bytea('sealed_secrets'),
  secretsKeyId: text('secrets_key_id'),
  cancelRequestedAt: sqlTime('cancel_requested_at'),
  terminateRequested: boolean('terminate_requested').notNull().default(false),
  attempt: integer('attempt').notNull().default(0),
  takeovers: integer('takeovers').notNull().default(0),
  leaseOwner: text('lease_owner'),
  leaseUntil: sqlTime('lease_until'),
  notBefore: sqlTime('not_before'),
  slot: integer('slot'),
  queuePlace: integer('queue_place'),
  hint: text('hint'),
  evidence: jsonb('evidence').$type<FailureEvidence>(),
  health: text('health').$type<NodeHealth>(),
  healthSince: sqlTime('health_since'),
  lossReason: text('loss_reason').$type<LossReason>(),
  lastSeenAt: sqlTime('last_seen_at'),
  retryReason: text('retry_reason').$type<RetryReason>(),
  endedBy: text('ended_by'),
  terminatedBy: text('terminated_by'),
  /** The whole header `traceparent` of the call that launched; null without one. */
  traceId: text('trace_id'),
  healthReason: text('health_reason'),
  watchedBy: uuid('watched_by'),
  /** The node is not launched again before then. */
  relaunchAt: sqlTime('relaunch_at'),
  /** The first node of a line of relaunches and retries; null in that one. */
  lineage: uuid('lineage'),
  /** Inherited from the node that this one replaces. */
  terminateAt: sqlTime('terminate_at'),
  terminationReason: text('termination_reason'),
  idleSince: sqlTime('idle_since'),
  /** What the model server had counted by then. */
  idleMark: doublePrecision('idle_mark'),
  idleNoticed: boolean('idle_noticed').notNull().default(false),
  reservedPerHour: doublePrecision('reserved_per_hour'),
});

export type NodeRow = typeof nodeTable.$inferSelect;

/** New values for some of the columns, or expressions. */
export type NodeRowChanges = PgUpdateSetSource<typeof nodeTable>;
