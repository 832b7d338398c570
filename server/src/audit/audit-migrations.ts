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

/**
 * A repetition raises the count of its row, and old entries can be removed. Both happen in functions that run as the owner of
 * the table, so that a server under another role needs to insert and select only. A role that may execute the second function
 * can remove old entries, but no young ones. See decision 118.
 */
const BOUND_AUDIT = `
alter table audit_entries
  add column times int not null default 1,
  add column last_at timestamptz(3);

create or replace function audit_entries_refuse() returns trigger language plpgsql as $refuse$
begin
  if tg_op = 'DELETE' and current_setting('launchlog.audit_expires', true) = 'on' then
    if tg_level = 'STATEMENT' then return null; end if;
    if old.at < clock_timestamp() - interval '1 day' then return old; end if;
  end if;
  if tg_op = 'UPDATE' and to_jsonb(new) - 'times' - 'last_at' = to_jsonb(old) - 'times' - 'last_at'
    and new.times > old.times and new.last_at >= coalesce(old.last_at, old.at)
    and old.at > clock_timestamp() - interval '1 hour' then
    return new;
  end if;
  raise exception 'audit_entries can only be appended to';
end $refuse$;
drop trigger audit_entries_append_only on audit_entries;
create trigger audit_entries_append_only before delete or truncate on audit_entries
  for each statement execute function audit_entries_refuse();
create trigger audit_entries_counted_only before update or delete on audit_entries
  for each row execute function audit_entries_refuse();

create function audit_entries_repeat(entry bigint, more int) returns void
language sql security definer set search_path from current as $repeat$
  update audit_entries set times = times + more, last_at = greatest(at, clock_timestamp()) where id = entry
$repeat$;

create function audit_entries_expire(before timestamptz, most int) returns int
language plpgsql security definer set search_path from current as $expire$
declare
  gone int;
begin
  -- Not a setting of the function: only superusers may give a function one that PostgreSQL does not know.
  perform set_config('launchlog.audit_expires', 'on', true);
  delete from audit_entries where id in (
    select id from audit_entries where at < least(before, clock_timestamp() - interval '25 hours')
    order by at limit most for update skip locked);
  get diagnostics gone = row_count;
  perform set_config('launchlog.audit_expires', 'off', true);
  return gone;
end $expire$;
revoke execute on function audit_entries_expire(timestamptz, int) from public;
`;

export const AUDIT_MIGRATIONS: readonly Migration[] = [
  { id: 6, name: 'create the audit trail', sql: CREATE_AUDIT },
  { id: 11, name: 'bound the audit trail', sql: BOUND_AUDIT, additive: true },
];
