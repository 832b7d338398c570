import type { Migration } from '../database/migrations.js';

/** How far each node's log, events and trace were sent. See decision 170. */
const CREATE_TELEMETRY = `
create table telemetry_nodes (
  node_id uuid primary key,
  log_epoch text,
  log_seq int not null default 0,
  log_closed boolean not null default false,
  event_epoch text,
  event_seq int not null default 0,
  traced text not null default 'nothing',
  done boolean not null default false,
  due_at timestamptz not null default now(),
  lease_id uuid,
  lease_until timestamptz
);
create index telemetry_nodes_due on telemetry_nodes (due_at) where not done;
`;

export const TELEMETRY_MIGRATIONS: readonly Migration[] = [
  { id: 12, name: 'create telemetry', sql: CREATE_TELEMETRY, additive: true },
];
