/** The columns that are copied as they are. */
const COPIED = [
  'cluster_name',
  'provider',
  'region',
  'gpu_type',
  'gpu_count',
  'model_name',
  'use_spot',
  'deployment_id',
  'tenant_id',
  'created_at',
  'health',
  'failure_reason',
  'ended_at',
  'terminated_at',
  'price_per_hour',
] as const;
/** The columns from which the copy is made, apart from the durations of the phases. */
const SHOWN = ['id', ...COPIED, 'status', 'loss_reason'];

/** A cluster name ends with the beginning of the id. The part before it is the same for many nodes. */
const TAIL_AT = `strpos(n.cluster_name, '-' || left(n.id::text, 4))`;
const NAME_STEM = `case when ${TAIL_AT} > 0 and starts_with(n.id::text, substr(n.cluster_name, ${TAIL_AT} + 1))
  then left(n.cluster_name, ${TAIL_AT}) else n.cluster_name end`;
const KIND_TEXT = `lower(concat_ws(E'\\n', ${NAME_STEM}, n.model_name, n.deployment_id, n.tenant_id, n.provider,
  n.region, n.gpu_type))`;

/** The columns of the copy, each with its value for a node `n`. */
const LISTED: readonly (readonly [string, string])[] = [
  ['node_id', 'n.id'],
  ['kind_id', `md5(${KIND_TEXT})::uuid`],
  ...COPIED.map((column) => [column, `n.${column}`] as const),
  ['status', `case when n.status = 'terminated' and n.loss_reason is not null then 'lost' else n.status end`],
  [
    'machine_at',
    `case when n.price_per_hour is not null then n.created_at + interval '1 second'
      * (coalesce((n.phase_seconds ->> 'queued')::float8, 0) + (n.phase_seconds ->> 'provisioning')::float8) end`,
  ],
];

/** The function by which the triggers write rows of the copy, and the kinds that these need. */
function putNodeListing(columns: typeof LISTED): string {
  return `create or replace function put_node_listing(ids uuid[]) returns void language plpgsql set search_path from current as $put$
begin
  insert into node_kinds (id, text)
  select distinct md5(text)::uuid as kind_id, text
  from (select ${KIND_TEXT} as text from nodes n where n.id = any(ids)) named
  order by kind_id
  on conflict do nothing;
  insert into node_listing (${columns.map(([name]) => name).join(', ')})
  select ${columns.map(([, value]) => value).join(', ')}
  from nodes n where n.id = any(ids)
  on conflict (node_id) do update set ${columns
    .slice(1)
    .map(([name]) => `${name} = excluded.${name}`)
    .join(', ')};
end $put$;
`;
}

/**
 * A narrow copy of the nodes for lists, search and counts. Triggers keep it, so that rows written by servers of 0.1.0
 * are in it too, and so that the frequent updates of a launch touch no index of a list. See decision 147.
 *
 * `node_kinds` has each combination of searched names once: there are far fewer of these than nodes. `status` is the
 * status as it is shown.
 */
export const CREATE_NODE_LISTING = `
create table node_kinds (
  id uuid primary key,
  text text not null
);
create table node_listing (
  node_id uuid primary key,
  kind_id uuid not null,
  cluster_name text not null,
  provider text not null,
  region text not null,
  gpu_type text not null,
  gpu_count int not null,
  model_name text not null,
  use_spot boolean not null,
  deployment_id text,
  tenant_id text,
  created_at timestamptz(3) not null,
  status text not null,
  health text,
  failure_reason text,
  ended_at timestamptz(3),
  terminated_at timestamptz(3),
  machine_at timestamptz(3),
  price_per_hour float8
);
create index node_listing_newest on node_listing (created_at, node_id);
create index node_listing_live on node_listing ((status not in ('failed', 'terminated')), created_at, node_id);
create index node_listing_status on node_listing (status, created_at, node_id);
create index node_listing_deployment on node_listing (deployment_id, created_at, node_id);
create index node_listing_tenant on node_listing (tenant_id, created_at, node_id);
create index node_listing_provider on node_listing (provider, created_at, node_id);
create index node_listing_kind on node_listing (kind_id, created_at, node_id);

${putNodeListing(LISTED)}
create function list_added_nodes() returns trigger language plpgsql set search_path from current as $added$
begin
  perform put_node_listing(array(select id from added));
  return null;
end $added$;

create function list_changed_node() returns trigger language plpgsql set search_path from current as $changed$
begin
  if old.id <> new.id then delete from node_listing where node_id = old.id; end if;
  perform put_node_listing(array[new.id]);
  return null;
end $changed$;

create function list_removed_nodes() returns trigger language plpgsql set search_path from current as $removed$
begin
  if tg_op = 'TRUNCATE' then truncate node_listing;
  else delete from node_listing where node_id = old.id;
  end if;
  return null;
end $removed$;

create trigger nodes_list_added after insert on nodes referencing new table as added
  for each statement execute function list_added_nodes();
create trigger nodes_list_changed after update on nodes for each row
  when (${SHOWN.map((column) => `old.${column} is distinct from new.${column}`).join(' or ')}
    or (old.phase_seconds ->> 'provisioning') is distinct from (new.phase_seconds ->> 'provisioning'))
  execute function list_changed_node();
create trigger nodes_list_removed after delete on nodes for each row execute function list_removed_nodes();
create trigger nodes_list_emptied after truncate on nodes for each statement execute function list_removed_nodes();
`;

/**
 * What stands before the end of a cluster name, from right to left: a word that goes on into the end is found by it. It is the first line
 * of the text.
 */
export const STEM_CHARACTERS = 100;
export const REVERSED_STEM = `left(reverse(split_part(text, E'\\n', 1)), ${STEM_CHARACTERS})`;

/** Building the indexes over so many rows takes 2 s on a busy machine, and a statement has ten. */
const INDEXED_MAX = 50_000;
const isAtMost = (table: string, rows: number) =>
  `(select count(*) from (select from ${table} limit ${rows + 1}) as first_rows) <= ${rows}`;

/**
 * Finds a part of a name or of an id without reading all of them. Not every user of a database may create the extension, and the
 * embedded database does not have it: there all of them are read. See decision 200.
 */
export const FIND_PARTS = `
create index node_kinds_stem on node_kinds ((${REVERSED_STEM}) text_pattern_ops);
begin
  create extension if not exists pg_trgm;
  if ${isAtMost('node_kinds', INDEXED_MAX)} then
    create index node_kinds_text on node_kinds using gin (text gin_trgm_ops);
  end if;
  if ${isAtMost('node_listing', INDEXED_MAX)} then
    create index node_listing_id_text on node_listing using gin ((node_id::text) gin_trgm_ops);
  end if;
exception when others then
  raise notice 'parts of names and ids have no index: %', sqlerrm;
end;
`;

/** The names of a node as `isFound` compares them, one a line: no word has a line break. */
const NAMES = `lower(concat_ws(E'\\n', n.id, n.cluster_name, n.model_name, n.deployment_id, n.tenant_id, n.provider, n.region,
  n.gpu_type))`;

/**
 * The names beside what else a list reads of a node, so that looking whether a node has a word costs half a microsecond; and an index for
 * parts of one or two characters, where each character and the next one make one of the parts of three characters that the other
 * index has. Rows from before have their names after the next start. See decision 209.
 */
export const ADD_NAMES = `
alter table node_listing add column names text;
${putNodeListing([...LISTED, ['names', NAMES]])}
create function spread_characters(text text) returns text language sql immutable strict parallel safe cost 1000 as
  $spread$ select 'x' || array_to_string(string_to_array($1, null), 'x') || 'x' $spread$;
begin
  if ${isAtMost('node_kinds', INDEXED_MAX)} then
    create index node_kinds_parts on node_kinds using gin (spread_characters(text) gin_trgm_ops);
  end if;
exception when others then
  raise notice 'parts of one or two characters have no index: %', sqlerrm;
end;
`;

/**
 * What the names of a kind have besides letters and digits: few shapes for many kinds. A search for what no shape has, such as `~`, is
 * answered without reading the kinds, and no other index tells such characters apart. See decision 211.
 */
export const KIND_SHAPE = `regexp_replace(text, '[a-z0-9]+', 'a', 'g')`;
export const KIND_SHAPE_INDEX = 'node_kinds_shape';
export const FIND_SHAPES = `
if ${isAtMost('node_kinds', INDEXED_MAX)} then
  create index ${KIND_SHAPE_INDEX} on node_kinds ((${KIND_SHAPE}));
end if;
`;
