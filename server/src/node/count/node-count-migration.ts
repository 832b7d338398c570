/** What nodes are counted by, apart from their status; null where the node has none. */
const COUNTED_BY = ['tenant_id', 'deployment_id', 'provider', 'region', 'gpu_type'] as const;
/** The scope of all nodes. */
export const ALL_NODES = 'all';

const COLUMNS = COUNTED_BY.join(', ');
/** So many changes are added to the counts at once. */
const FOLD_EVERY = 512;
const FOLD_MIN = 1_000;

/** A price or a time that is not a number adds nothing, and must not make a write fail. */
const IS_PRICED = `l.price_per_hour > '-infinity' and l.price_per_hour < 'infinity' and isfinite(l.machine_at)`;
const ENDED = `coalesce(l.terminated_at, case when l.status = 'failed' then l.ended_at end)`;
const IS_OPEN = `${IS_PRICED} and ${ENDED} is null`;
const PRICE = 'l.price_per_hour::numeric';
const SPENT = `case when ${IS_PRICED} and isfinite(${ENDED})
  then ${PRICE} * greatest(0, date_part('epoch', ${ENDED} - l.machine_at))::numeric else 0 end`;
const RATE = `case when ${IS_OPEN} then ${PRICE} else 0 end`;
const SINCE = `case when ${IS_OPEN} then ${PRICE} * date_part('epoch', l.machine_at)::numeric else 0 end`;

/** What the rows of a table add, or what they no longer add. */
function parts(table: string, sign: '+' | '-'): string {
  return `select l.status, ${COUNTED_BY.map((column) => `l.${column}`).join(', ')}, ${sign}1 as nodes,
    ${sign}(${SPENT}) as spent, ${sign}(${RATE}) as rate, ${sign}(${SINCE}) as since from ${table} l`;
}

/** Returns the number of the added changes and the last of their ids. Changes that undo each other are none. */
function noteChanges(rows: string): string {
  return `with noted as (
      insert into node_count_changes (status, ${COLUMNS}, nodes, spent, rate, since)
      select status, ${COLUMNS}, sum(nodes), sum(spent), sum(rate), sum(since) from (${rows}) part
      group by status, ${COLUMNS}
      having sum(nodes) <> 0 or sum(spent) <> 0 or sum(rate) <> 0 or sum(since) <> 0
      returning id)
    select count(*), max(id) into added_count, last_id from noted`;
}

const SCOPES = [`('${ALL_NODES}', '')`, ...COUNTED_BY.map((column) => `('${column}', part.${column})`)];
/** The sums of parts for each scope that they are in. */
const SUMS = `select s.scope, s.value, part.status, sum(part.nodes) as nodes, sum(part.spent) as spent, sum(part.rate) as rate,
    sum(part.since) as since
  from part cross join lateral (values ${SCOPES.join(', ')}) as s (scope, value)
  where s.value is not null group by 1, 2, 3`;

/**
 * The nodes of each status and what they cost, of all nodes and of those that have one value in common. Triggers on the listing keep
 * the numbers exact. See decision 204.
 *
 * A write only adds rows to \`node_count_changes\`, so that writers never wait for each other; readers add these to the counts. One
 * writer of some hundred moves them to \`node_counts\`, unless another one does so already.
 *
 * \`spent\`: dollar-seconds of machines that have ended. \`rate\`: dollars per hour of the others, and \`since\` the same times the
 * second since 1970 at which each began, so that at a time they have cost \`rate * time - since\`. In decimal numbers, whose sums do
 * not depend on the order of the writes.
 */
export const COUNT_NODES = `
create table node_counts (
  scope text not null,
  value text not null,
  status text not null,
  nodes bigint not null,
  spent numeric not null,
  rate numeric not null,
  since numeric not null,
  primary key (scope, value, status)
) with (fillfactor = 50);
create table node_count_changes (
  id bigint generated always as identity primary key,
  status text not null,
  ${COUNTED_BY.map((column) => `${column} text`).join(',\n  ')},
  nodes bigint not null,
  spent numeric not null,
  rate numeric not null,
  since numeric not null
);
-- Machines that come up after a moment have cost nothing by then.
create index node_listing_machine on node_listing (machine_at) where terminated_at is null;
-- Locked by the writer that moves changes.
create table node_count_turn (one bool primary key default true check (one));
insert into node_count_turn default values;

create function move_node_count_changes(most bigint) returns void language plpgsql set search_path from current as $move$
declare empty_rows tid[];
begin
  if current_setting('transaction_isolation') <> 'read committed' then return; end if;
  perform from node_count_turn for update skip locked;
  if not found then return; end if;
  with part as (
    delete from node_count_changes where id = any(array(select id from node_count_changes order by id limit most)) returning *
  ), moved as (
    insert into node_counts as c (scope, value, status, nodes, spent, rate, since) ${SUMS}
    on conflict (scope, value, status) do update set nodes = c.nodes + excluded.nodes, spent = c.spent + excluded.spent,
      rate = c.rate + excluded.rate, since = c.since + excluded.since
    returning c.ctid as place, c.nodes
  )
  select array_agg(place) filter (where nodes = 0) into empty_rows from moved;
  delete from node_counts where ctid = any(empty_rows);
end $move$;

create function note_node_counts() returns trigger language plpgsql set search_path from current as $note$
declare added_count bigint; last_id bigint;
begin
  -- Most inserts find their row, and are updates.
  if tg_op = 'INSERT' then
    if not exists (select from added) then return null; end if;
    ${noteChanges(parts('added', '+'))};
  elsif tg_op = 'DELETE' then ${noteChanges(parts('removed', '-'))};
  else ${noteChanges(`${parts('added', '+')} union all ${parts('removed', '-')}`)};
  end if;
  if last_id / ${FOLD_EVERY} <> (last_id - added_count) / ${FOLD_EVERY} then
    perform move_node_count_changes(greatest(${FOLD_MIN}, 2 * added_count));
  end if;
  return null;
end $note$;

create function count_no_nodes() returns trigger language plpgsql set search_path from current as $none$
begin
  truncate node_counts, node_count_changes;
  return null;
end $none$;

create function count_nodes_again() returns void language plpgsql set search_path from current as $again$
begin
  lock table node_listing in share row exclusive mode;
  delete from node_count_changes;
  delete from node_counts;
  with part as (
    select status, ${COLUMNS}, sum(nodes) as nodes, sum(spent) as spent, sum(rate) as rate, sum(since) as since
    from (${parts('node_listing', '+')}) row group by status, ${COLUMNS}
  )
  insert into node_counts (scope, value, status, nodes, spent, rate, since) ${SUMS};
end $again$;

create trigger node_listing_count_added after insert on node_listing referencing new table as added
  for each statement execute function note_node_counts();
create trigger node_listing_count_changed after update on node_listing referencing old table as removed new table as added
  for each statement execute function note_node_counts();
create trigger node_listing_count_removed after delete on node_listing referencing old table as removed
  for each statement execute function note_node_counts();
create trigger node_listing_count_none after truncate on node_listing for each statement execute function count_no_nodes();
perform count_nodes_again();
`;
