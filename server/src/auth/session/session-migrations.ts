import type { Migration } from '../../database/migrations.js';

/**
 * Sessions of 0.1.0 are cookies without a row: they get one when a server of this release first sees them. See decision 165.
 * A token has its former secret in `previous_hash` while both are valid. See decision 166.
 */
const CREATE_SESSIONS = `
create table sessions (
  id uuid primary key,
  name text not null,
  way text not null,
  token_id uuid,
  subject text,
  scopes jsonb,
  deployment_id text,
  tenant_id text,
  address text,
  client text,
  began_at timestamptz(3) not null default now(),
  seen_at timestamptz(3),
  ends_at timestamptz(3) not null,
  ended_at timestamptz(3),
  ended_by text,
  check_at timestamptz(3),
  sealed bytea,
  key_id text,
  changed_at timestamptz(3) not null default clock_timestamp()
);
create index sessions_changed on sessions (changed_at);
create index sessions_of on sessions (name, began_at desc);

alter table access_tokens
  add column previous_hash text,
  add column previous_until timestamptz(3),
  add column rotated_at timestamptz(3),
  add column last_used_at timestamptz(3);
create index access_tokens_previous on access_tokens (previous_hash) where previous_hash is not null;
`;

/** A person who signs out at the issuer is signed out here: see decision 176. */
const ADD_ISSUER_SESSIONS = `
alter table sessions add column issuer_session text;
create index sessions_issuer on sessions (issuer_session) where issuer_session is not null;
create index sessions_subject on sessions (subject) where subject is not null;
`;

export const SESSION_MIGRATIONS: readonly Migration[] = [
  { id: 10, name: 'create sessions, and second secrets of tokens', sql: CREATE_SESSIONS, additive: true },
  { id: 20, name: 'add sessions of the issuer', sql: ADD_ISSUER_SESSIONS, additive: true },
];
