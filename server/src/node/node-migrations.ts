import type { Migration } from '../database/migrations.js';
import { CREATE_BUDGETS } from './budget/budget-migration.js';
import { ADD_STRAY_ORIGIN, EXTEND_STRAYS } from './budget/stray-migration.js';
import { COUNT_NODES } from './count/node-count-migration.js';
import { ADD_NAMES, CREATE_NODE_LISTING, FIND_PARTS, FIND_SHAPES } from './node-listing-migration.js';

/** The columns `id` to `updated_at` come from the predecessor of this program. Other programs read them. */
const CREATE_NODES = `
create table nodes (
  id uuid primary key,
  cluster_name text not null constraint nodes_cluster_name unique,
  provider text not null,
  region text not null,
  gpu_type text not null,
  model_name text not null,
  status text not null default 'launching'
    check (status in ('launching', 'active', 'failed', 'terminating', 'terminated')),
  endpoint text,
  deployment_id text,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),

  tenant_id text,
  gpu_count int not null,
  use_spot boolean not null,
  orchestrator text not null,
  retry_of uuid,
  request jsonb not null,
  created_by text not null,
  idempotency_key text,
  request_hash text,

  phase text not null default 'queued',
  progress int not null default 0 check (progress between 0 and 100),
  phase_started_at timestamptz(3) not null default now(),
  phase_seconds jsonb not null default '{}',
  attempts jsonb not null default '[]',
  memory jsonb not null default '{}',
  price_per_hour float8,
  failure_reason text,
  failure_message text,
  eta_at timestamptz(3),
  eta_samples int,
  stalled boolean not null default false,
  ended_at timestamptz(3),
  terminated_at timestamptz(3),
  handle text,

  secret_names jsonb not null default '[]',
  sealed_secrets bytea,
  secrets_key_id text,

  cancel_requested_at timestamptz(3),
  terminate_requested boolean not null default false,
  attempt int not null default 0,
  takeovers int not null default 0,
  lease_owner text,
  lease_until timestamptz,
  not_before timestamptz,
  slot int constraint nodes_slot unique,
  queue_place int,

  constraint nodes_idempotency_key unique (created_by, idempotency_key)
);
create index nodes_newest on nodes (created_at desc, id desc);
create index nodes_work on nodes (created_at, id) where status in ('launching', 'terminating');
create index nodes_history on nodes (provider, gpu_type, ended_at desc)
  where ended_at is not null and failure_reason is null;
`;

/** 0.1.0 names its columns in every statement, so it works beside these. */
const ADD_CAUSE_AND_LIFE = `
alter table nodes
  add column hint text,
  add column evidence jsonb,
  add column health text,
  add column health_since timestamptz(3),
  add column loss_reason text,
  add column last_seen_at timestamptz(3),
  add column retry_reason text,
  add column ended_by text,
  add column terminated_by text,
  add column trace_id text;
`;

/** A watcher is a process that watches active nodes. It holds one lease for all of them. See decision 130. */
const ADD_WATCH = `
alter table nodes
  add column health_reason text,
  add column watched_by uuid;
create table node_watchers (
  id uuid primary key,
  name text not null,
  until timestamptz not null
);
create index nodes_to_watch on nodes (watched_by) where status = 'active';
create index nodes_lost on nodes (created_at desc, id desc) where loss_reason is not null;
`;

/** Leases are renewed every few seconds: with room in its page a row is rewritten there, and no index changes. See decision 144. */
const LEAVE_ROOM = `alter table nodes set (fillfactor = 70);`;

/** The relaunches and ends that launches ask for. See decision 134. */
const ADD_UPKEEP = `
alter table nodes
  add column relaunch_at timestamptz(3),
  add column lineage uuid,
  add column terminate_at timestamptz(3),
  add column termination_reason text,
  add column idle_since timestamptz(3),
  add column idle_mark float8,
  add column idle_noticed boolean not null default false;
create unique index nodes_relaunched_once on nodes (retry_of) where retry_reason = 'lost';
create index nodes_retry_of on nodes (retry_of) where retry_of is not null;
create index nodes_lineage on nodes (lineage, created_at) where lineage is not null;
create index nodes_to_relaunch on nodes (relaunch_at) where relaunch_at is not null;
create index nodes_failed_relaunch on nodes (ended_at) where status = 'failed' and retry_reason = 'lost';
create index nodes_to_terminate on nodes (ended_at)
  where status = 'active' and (terminate_at is not null or request ? 'terminateAfter');
`;

/**
 * The active nodes of an orchestrator in the order of their launch, for slices. Only status, which other indexes hold anyway,
 * puts a node into it or takes it out, so that no update does more for it.
 */
const FIND_ACTIVE = `create index nodes_active on nodes (orchestrator, created_at, id) where status = 'active';`;

export const NODE_MIGRATIONS: readonly Migration[] = [
  { id: 1, name: 'create nodes', sql: CREATE_NODES },
  { id: 1, name: 'add cause and life of nodes', sql: ADD_CAUSE_AND_LIFE, additive: true },
  { id: 2, name: 'add the watch of active nodes', sql: ADD_WATCH, additive: true },
  { id: 3, name: 'leave room in the pages of nodes', sql: LEAVE_ROOM, additive: true },
  { id: 5, name: 'add the upkeep of nodes', sql: ADD_UPKEEP, additive: true },
  { id: 6, name: 'create the listing of nodes', sql: CREATE_NODE_LISTING, additive: true },
  { id: 7, name: 'create budgets', sql: CREATE_BUDGETS, additive: true },
  { id: 9, name: 'extend strays', sql: EXTEND_STRAYS, additive: true },
  { id: 13, name: 'add the origin of strays', sql: ADD_STRAY_ORIGIN, additive: true },
  { id: 14, name: 'find active nodes', sql: FIND_ACTIVE, additive: true },
  { id: 21, name: 'find parts of names and ids', sql: FIND_PARTS, additive: true },
  { id: 22, name: 'count nodes', sql: COUNT_NODES, additive: true },
  { id: 23, name: 'add the names of nodes to the listing', sql: ADD_NAMES, additive: true },
  { id: 24, name: 'find the shapes of names', sql: FIND_SHAPES, additive: true },
];
