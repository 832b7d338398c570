import type { Migration } from '../database/migrations.js';

/** One row for each launch that has ended. A row outlives its archive, so that no log is archived twice. */
const CREATE_ARCHIVES = `
create table log_archives (
  node_id uuid primary key,
  status text not null default 'pending' check (status in ('pending', 'archived', 'missing', 'deleted')),
  attempt int not null default 0,
  next_attempt_at timestamptz not null default now(),
  lease_id uuid,
  lease_until timestamptz,
  error text,
  name text,
  epoch text,
  first_seq int,
  last_seq int,
  closed boolean,
  began text,
  bytes bigint,
  sha256 text,
  archived_at timestamptz(3),
  created_at timestamptz(3) not null default now()
);
create index log_archives_due on log_archives (next_attempt_at) where status = 'pending';
create index log_archives_oldest on log_archives (archived_at) where status = 'archived';
`;

/** Pending and lost logs are counted for each scrape of the metrics; most rows are neither. */
const FIND_BACKLOG = `
create index log_archives_backlog on log_archives (status, created_at) where status in ('pending', 'missing');
`;

export const ARCHIVE_MIGRATIONS: readonly Migration[] = [
  { id: 4, name: 'create log archives', sql: CREATE_ARCHIVES },
  { id: 16, name: 'find archives that wait', sql: FIND_BACKLOG, additive: true },
];
