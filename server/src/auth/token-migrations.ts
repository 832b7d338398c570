import type { Migration } from '../database/migrations.js';

const CREATE_TOKENS = `
create table access_tokens (
  id uuid primary key,
  name text not null constraint access_tokens_name unique,
  hash text not null constraint access_tokens_hash unique check (hash ~ '^[0-9a-f]{64}$'),
  scopes jsonb not null,
  deployment_id text,
  tenant_id text,
  created_by text not null,
  created_at timestamptz(3) not null default now(),
  expires_at timestamptz(3),
  revoked_at timestamptz(3)
);
create index access_tokens_standing on access_tokens (id) where revoked_at is null;
`;

/** Tickets that opened a stream, until they expire. See decision 40. */
const CREATE_OPENED_TICKETS = `
create table opened_tickets (
  id uuid primary key,
  ends_at timestamptz(3) not null
);
create index opened_tickets_end on opened_tickets (ends_at);
`;

export const TOKEN_MIGRATIONS: readonly Migration[] = [
  { id: 5, name: 'create access tokens', sql: CREATE_TOKENS },
  { id: 17, name: 'remember opened tickets', sql: CREATE_OPENED_TICKETS, additive: true },
];
