import type { Migration } from '../database/migrations.js';

/** The owner of the table can still drop the trigger. To prevent that, run the server under another role. */
const CREATE_AUDIT = `
create table audit_entries (
  id bigint generated always as identity primary key,
  at timestamptz(3) not null default clock_timestamp(),
  action text not null,
  outcome text not null check (outcome in ('ok', 'refused', 'failed')),
  actor text,
  token_id uuid,
  address text not null,
  target text,
  code text
);
create index audit_entries_target on audit_entries (target, id) where target is not null;
create index audit_entries_actor on audit_entries (actor, id) where actor is not null;
create index audit_entries_at on audit_entries (at);

create function audit_entries_refuse() returns trigger language plpgsql as $refuse$
begin
  raise exception 'audit_entries can only be appended to';
end $refuse$;
create trigger audit_entries_append_only before update or delete or truncate on audit_entries
  for each statement execute function audit_entries_refuse();
`;

export const AUDIT_MIGRATIONS: readonly Migration[] = [
  { id: 6, name: 'create the audit trail', sql: CREATE_AUDIT },
];
