/** The columns by which launches are grouped and filtered. */
const DIMENSIONS = [
  'provider',
  'region',
  'gpu_type',
  'model_name',
  'use_spot',
  'orchestrator',
  'deployment_id',
  'tenant_id',
  'created_by',
  'created_at',
] as const;
/** The columns from which the numbers of a launch are made, at any time and once it has ended. */
const FACTS = ['ended_at', 'terminated_at', 'failure_reason', 'loss_reason'] as const;
const FACTS_OF_THE_END = ['phase_seconds', 'price_per_hour', 'gpu_count', 'request'] as const;

const isChanged = (columns: readonly string[]) =>
  columns.map((column) => `old.${column} is distinct from new.${column}`).join(' or ');

const MILLISECONDS = (time: string) =>
  `float8send(coalesce((extract(epoch from ${time}) * 1000)::float8, 'NaN'))`;

/** Events that say whether a node could be reached: each ends what the one before it began. */
const REACH_KINDS = `('health', 'lost', 'terminating', 'terminated')`;

/**
 * The facts that launch metrics add up, one narrow row for each launch: the columns for grouping and filtering, and its
 * numbers packed into some 100 bytes. Triggers write it, so that the rows of servers of 0.1.0 are in it; an update of
 * progress changes nothing. `packed` is null while the numbers of a row cannot be added up, because another program wrote
 * them. See decision 149.
 *
 * `packed` has, in the order of the network: int4 length of what follows; float8 milliseconds of the request; int2 flags (1
 * ended, 2 failed, 4 cancelled, 8 lost, 16 preempted, 32 kept after a failure, 64 simulated); float8 milliseconds of the end
 * and of the machine's end; float8 dollars per hour; int4 GPUs; int2 number of phases, each with the int2 place of its name
 * in the order of a launch (-1: a word of another release) and float8 seconds; int2 number of times when it was unreachable,
 * each with float8 milliseconds of its beginning and end; of a failure the 16 bytes of its node and, up to the length, its
 * reason. What is absent is NaN.
 */
export const CREATE_LAUNCH_FACTS = `
create table launch_facts (
  node_id uuid primary key,
  provider text not null,
  region text not null,
  gpu_type text not null,
  model_name text not null,
  use_spot boolean not null,
  orchestrator text not null,
  deployment_id text,
  tenant_id text,
  created_by text not null,
  created_at timestamptz(3) not null,
  packed bytea
) with (fillfactor = 80);
create index launch_facts_newest on launch_facts (created_at, node_id);

create function pack_launch(n nodes) returns bytea language plpgsql set search_path from current as $pack$
declare
  is_over boolean := n.ended_at is not null;
  is_failure boolean := n.ended_at is not null and n.failure_reason <> 'cancelled';
  phases bytea;
  phase_count int2;
  spans bytea := '';
  span_count int2 := 0;
  facts bytea;
begin
  if not coalesce(jsonb_typeof(n.phase_seconds) = 'object', false)
    or n.phase_seconds @? '$.* ? (@.type() != "number")'
    or not isfinite(n.created_at) or not coalesce(isfinite(n.ended_at), true)
    or not coalesce(isfinite(n.terminated_at), true)
    or not coalesce(n.price_per_hour between 0 and 1e9, true) or n.gpu_count <= 0 then
    return null;
  end if;
  select count(*)::int2, coalesce(string_agg(int2send((coalesce(array_position(array['queued', 'provisioning',
      'instance_ready', 'installing', 'model_loading', 'health_check', 'active', 'failed'], phase), 0) - 1)::int2)
      || float8send(seconds::float8), ''::bytea order by place), '')
    into phase_count, phases
    from jsonb_each_text(n.phase_seconds) with ordinality as each_phase(phase, seconds, place) where is_over;
  if is_over and n.failure_reason is null then
    select count(*)::int2, coalesce(string_agg(${MILLISECONDS('at')} || ${MILLISECONDS('next_at')}, ''::bytea order by seq), '')
      into span_count, spans
      from (
        select seq, at, details ->> 'health' as health, lead(at) over (order by seq) as next_at
        from node_events where node_id = n.id and kind in ${REACH_KINDS}
      ) events where health = 'unreachable';
  end if;
  facts := ${MILLISECONDS('n.created_at')}
    || int2send((is_over::int + 2 * coalesce(is_failure, false)::int
      + 4 * coalesce(is_over and n.failure_reason = 'cancelled', false)::int
      + 8 * (n.loss_reason is not null)::int + 16 * coalesce(n.loss_reason = 'preempted', false)::int
      + 32 * coalesce(lower(n.request ->> 'keepOnFailure') in ('true', 't', 'yes', 'y', 'on', '1'), false)::int
      + 64 * (n.orchestrator = 'simulated')::int)::int2)
    || ${MILLISECONDS('n.ended_at')} || ${MILLISECONDS('n.terminated_at')}
    || float8send(coalesce(n.price_per_hour, 'NaN')) || int4send(n.gpu_count)
    || int2send(phase_count) || phases || int2send(span_count) || spans
    || case when is_failure then uuid_send(n.id) || convert_to(left(n.failure_reason, 200), 'UTF8') else '' end;
  return int4send(length(facts)) || facts;
exception when others then
  return null;
end $pack$;

create function put_launch_facts(ids uuid[]) returns void language sql set search_path from current as $put$
  insert into launch_facts (node_id, ${DIMENSIONS.join(', ')}, packed)
  select n.id, ${DIMENSIONS.map((column) => `n.${column}`).join(', ')}, pack_launch(n)
  from nodes n where n.id = any(ids) order by n.created_at, n.id
  on conflict (node_id) do update
  set ${DIMENSIONS.map((column) => `${column} = excluded.${column}`).join(', ')}, packed = excluded.packed
  where (launch_facts.*) is distinct from (excluded.*)
$put$;

create function note_facts_of_added() returns trigger language plpgsql set search_path from current as $added$
begin
  perform put_launch_facts(array(select id from added));
  return null;
end $added$;

create function note_facts_of_changed() returns trigger language plpgsql set search_path from current as $changed$
begin
  if old.id <> new.id then delete from launch_facts where node_id = old.id; end if;
  perform put_launch_facts(array[new.id]);
  return null;
end $changed$;

create function note_facts_of_event() returns trigger language plpgsql set search_path from current as $event$
begin
  perform put_launch_facts(array[new.node_id]);
  return null;
end $event$;

create function remove_launch_facts() returns trigger language plpgsql set search_path from current as $removed$
begin
  if tg_op = 'TRUNCATE' then truncate launch_facts;
  else delete from launch_facts where node_id = old.id;
  end if;
  return null;
end $removed$;

create trigger nodes_facts_added after insert on nodes referencing new table as added
  for each statement execute function note_facts_of_added();
create trigger nodes_facts_changed after update on nodes for each row
  when (${isChanged(['id', ...DIMENSIONS, ...FACTS])}
    or (new.ended_at is not null and (${isChanged(FACTS_OF_THE_END)})))
  execute function note_facts_of_changed();
create trigger nodes_facts_event after insert on node_events for each row
  when (new.kind in ${REACH_KINDS}) execute function note_facts_of_event();
create trigger nodes_facts_removed after delete on nodes for each row execute function remove_launch_facts();
create trigger nodes_facts_emptied after truncate on nodes for each statement execute function remove_launch_facts();
`;
