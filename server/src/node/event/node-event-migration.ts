/**
 * The events of each node. Triggers write them in the transaction that changes the node, so no change lacks its event, even
 * on servers of 0.1.0. The lock on the row of the node orders the events. See decision 132.
 */
export const CREATE_NODE_EVENTS = `
create table node_events (
  node_id uuid not null,
  seq int not null,
  epoch text not null,
  at timestamptz(3) not null default clock_timestamp(),
  kind text not null,
  details jsonb not null default '{}',
  primary key (node_id, seq)
);
create index node_events_at on node_events (at);

create function add_node_event(node uuid, what text, facts jsonb) returns void
language sql set search_path from current as $event$
  insert into node_events (node_id, seq, epoch, kind, details)
  select node, coalesce(max(seq), 0) + 1,
    coalesce(max(epoch), substr(md5(gen_random_uuid()::text), 1, 16)), what, jsonb_strip_nulls(facts)
  from node_events where node_id = node
$event$;

create function note_new_node() returns trigger language plpgsql set search_path from current as $note$
declare
  starter text := case when new.retry_reason = 'lost' then 'on_loss' else new.created_by end;
begin
  perform add_node_event(new.id, 'launched', jsonb_build_object('by', starter, 'retryOf', new.retry_of,
    'retryReason', new.retry_reason));
  if new.retry_of is not null then
    -- Locks the row, and makes watchers look. Whoever launches it again ends the wait for a relaunch.
    update nodes set updated_at = now(), relaunch_at = null,
        sealed_secrets = case when status = 'terminated' then null else sealed_secrets end,
        secrets_key_id = case when status = 'terminated' then null else secrets_key_id end
      where id = new.retry_of
        and (new.retry_reason is distinct from 'lost' or (status = 'terminated' and relaunch_at is not null));
    if found then
      perform add_node_event(new.retry_of, 'relaunched', jsonb_build_object('by', starter, 'as', new.id,
        'reason', coalesce(new.retry_reason, 'manual')));
    elsif new.retry_reason = 'lost' then
      raise exception 'no relaunch is due' using errcode = 'LL001';
    end if;
    if new.retry_reason = 'lost' and exists (select from nodes where retry_of = new.retry_of and id <> new.id) then
      raise exception 'it was launched again' using errcode = 'LL001';
    end if;
  end if;
  return null;
end $note$;

create function note_changed_node() returns trigger language plpgsql set search_path from current as $note$
declare
  place int;
  attempt jsonb;
begin
  -- Another program may write something else than a list.
  if new.attempts is distinct from old.attempts and jsonb_typeof(new.attempts) = 'array' then
    for place in 0 .. jsonb_array_length(new.attempts) - 1 loop
      attempt := new.attempts -> place;
      if attempt ->> 'outcome' <> 'trying' and attempt ->> 'outcome' is distinct from old.attempts -> place ->> 'outcome' then
        perform add_node_event(new.id, 'attempt', attempt);
      end if;
    end loop;
  end if;
  if new.cancel_requested_at is not null and old.cancel_requested_at is null then
    perform add_node_event(new.id, 'cancelling', jsonb_build_object('by', new.ended_by));
  end if;
  if new.ended_at is not null and old.ended_at is null then
    if new.failure_reason is null then
      perform add_node_event(new.id, 'active', jsonb_build_object('endpoint', new.endpoint));
    else
      perform add_node_event(new.id, 'failed', jsonb_build_object('reason', new.failure_reason,
        'text', new.failure_message));
    end if;
  end if;
  if new.status = 'terminating' and old.status <> 'terminating' then
    perform add_node_event(new.id, 'terminating', jsonb_build_object('by', new.terminated_by,
      'text', new.termination_reason));
  end if;
  if old.relaunch_at is not null and new.relaunch_at is null and new.terminated_by is distinct from old.terminated_by then
    perform add_node_event(new.id, 'relaunch', jsonb_build_object('by', new.terminated_by, 'text', 'called off'));
  end if;
  if new.idle_noticed and not old.idle_noticed then
    perform add_node_event(new.id, 'idle', jsonb_build_object('since', to_char(new.idle_since at time zone 'UTC',
      'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'price', new.price_per_hour));
  end if;
  if new.health is not null and new.health is distinct from old.health then
    perform add_node_event(new.id, 'health', jsonb_build_object('health', new.health, 'before', old.health,
      'text', new.health_reason));
  end if;
  if new.loss_reason is not null and old.loss_reason is null then
    perform add_node_event(new.id, 'lost', jsonb_build_object('reason', new.loss_reason, 'text', new.health_reason));
  elsif new.terminated_at is not null and old.terminated_at is null then
    perform add_node_event(new.id, 'terminated', jsonb_build_object('by', new.terminated_by));
  end if;
  return null;
end $note$;

create trigger nodes_note_new after insert on nodes for each row execute function note_new_node();
create trigger nodes_note_changed after update on nodes for each row
  when (old.status is distinct from new.status or old.ended_at is distinct from new.ended_at
    or old.attempts is distinct from new.attempts or old.health is distinct from new.health
    or old.cancel_requested_at is distinct from new.cancel_requested_at
    or old.terminated_at is distinct from new.terminated_at
    or old.relaunch_at is distinct from new.relaunch_at or old.idle_noticed is distinct from new.idle_noticed)
  execute function note_changed_node();

insert into node_events (node_id, seq, epoch, at, kind, details)
select id, row_number() over (partition by id order by place), substr(md5(id::text || created_at::text), 1, 16), at, kind,
  jsonb_strip_nulls(details)
from nodes n, lateral (values
  (1, n.created_at, 'launched', jsonb_build_object('by', n.created_by, 'retryOf', n.retry_of)),
  (2, n.ended_at, case when n.failure_reason is null then 'active' else 'failed' end,
    jsonb_build_object('reason', n.failure_reason, 'text', n.failure_message)),
  (3, n.terminated_at, case when n.loss_reason is null then 'terminated' else 'lost' end,
    jsonb_build_object('reason', n.loss_reason))
) as past (place, at, kind, details)
where at is not null;
`;
