import type { Migration } from '../database/migrations.js';
import { CREATE_NODE_EVENTS } from '../node/event/node-event-migration.js';
import { CREATE_LAUNCH_FACTS } from '../node/fact/launch-fact-migration.js';

const CREATE_NOTIFICATIONS = `
create table notification_rules (
  id uuid primary key,
  name text not null,
  target_kind text not null check (target_kind in ('webhook', 'slack', 'discord', 'email')),
  target_host text not null,
  target_view jsonb not null,
  sealed_target bytea not null,
  target_key_id text not null,
  events jsonb not null,
  provider text,
  deployment_id text,
  enabled boolean not null,
  active_since timestamptz not null default now(),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);

create table notification_deliveries (
  id uuid primary key,
  rule_id uuid not null references notification_rules (id) on delete cascade,
  node_id uuid not null,
  event text not null,
  status text not null default 'pending' check (status in ('pending', 'failed', 'delivered', 'dead')),
  attempt int not null default 0,
  next_attempt_at timestamptz(3) not null default now(),
  lease_id uuid,
  lease_until timestamptz,
  body text,
  response_status int,
  error text,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  delivered_at timestamptz(3),
  constraint notification_deliveries_once unique (rule_id, node_id, event)
);
create index notification_deliveries_due on notification_deliveries (rule_id, next_attempt_at)
  where status in ('pending', 'failed');
create index notification_deliveries_newest on notification_deliveries (created_at desc, id desc);

create index nodes_ended on nodes (ended_at) where ended_at is not null;
create index nodes_stalled on nodes (id) where stalled;
`;

/** Some events happen to a node more than once. 0.1.0 names the constraint, and its own deliveries have the default. */
const ADD_OCCURRENCES = `
alter table notification_deliveries
  add column occurrence int not null default 0,
  drop constraint notification_deliveries_once,
  add constraint notification_deliveries_once unique (rule_id, node_id, event, occurrence);
`;

/** Events that concern no node. `once` names each, so that it is written once. See decision 133. */
const CREATE_NOTICES = `
create table notices (
  id uuid primary key default gen_random_uuid(),
  once text not null constraint notices_once unique,
  at timestamptz(3) not null default clock_timestamp(),
  event text not null,
  provider text,
  deployment_id text,
  tenant_id text,
  message text not null,
  details jsonb not null default '{}'
);
create index notices_at on notices (at);
`;

/**
 * Most deliveries were delivered. These indexes leave them out: for the counts of each scrape of the metrics, and for old
 * deliveries.
 */
const FIND_DELIVERIES = `
create index notification_deliveries_dead on notification_deliveries (id) where status = 'dead';
create index notification_deliveries_settled on notification_deliveries (updated_at) where status in ('delivered', 'dead');
`;

export const NOTIFICATION_MIGRATIONS: readonly Migration[] = [
  { id: 2, name: 'create notifications', sql: CREATE_NOTIFICATIONS },
  {
    id: 8,
    name: 'create node events',
    sql: CREATE_NODE_EVENTS + ADD_OCCURRENCES + CREATE_NOTICES,
    additive: true,
  },
  // Defined here, because it uses the events of nodes.
  { id: 15, name: 'create the facts of launches', sql: CREATE_LAUNCH_FACTS, additive: true },
  { id: 18, name: 'find deliveries', sql: FIND_DELIVERIES, additive: true },
];
