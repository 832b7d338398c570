/**
 * Budgets, and the trigger that enforces them. The trigger locks the budgets of a launch before it adds up what runs, so of
 * two launches at the same moment the second sees the first, on any server, also of 0.1.0. `tenant_turns` has when each
 * tenant last got a slot; a trigger writes it for the same reason. See decision 138.
 */
export const CREATE_BUDGETS = `
alter table nodes add column reserved_per_hour float8;

create index nodes_costing on nodes (id) where status in ('launching', 'active', 'terminating')
  or (status = 'failed' and terminated_at is null and request ->> 'keepOnFailure' = 'true');

create table installation (
  one boolean primary key default true check (one),
  id uuid not null default gen_random_uuid(),
  created_at timestamptz(3) not null default now()
);
insert into installation default values;

create table budgets (
  id uuid primary key,
  name text not null,
  tenant_id text,
  deployment_id text,
  max_hourly_cost float8 not null check (max_hourly_cost > 0),
  level text not null default 'within' check (level in ('within', 'warning', 'exceeded')),
  crossings int not null default 0,
  refused_at float8,
  refused_until timestamptz,
  created_by text not null,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);

create table strays (
  cluster_name text primary key,
  found_at timestamptz(3) not null default now(),
  seen_at timestamptz(3) not null default now()
);

create table tenant_turns (
  tenant text primary key,
  served_at timestamptz not null
);

create function note_turn() returns trigger language plpgsql set search_path from current as $turn$
begin
  insert into tenant_turns values (coalesce(new.tenant_id, ''), clock_timestamp())
  on conflict (tenant) do update set served_at = excluded.served_at;
  return null;
end $turn$;
create trigger note_turn after update of slot on nodes for each row
  when (old.slot is null and new.slot is not null) execute function note_turn();

create function running_cost(tenant text, deployment text) returns float8
language sql stable set search_path from current as $cost$
  select coalesce(sum(case
    when price_per_hour between 0 and 1e9 then price_per_hour
    when status in ('launching', 'active') and reserved_per_hour between 0 and 1e9 then reserved_per_hour
    else 0 end), 0)
  from nodes
  where (status in ('launching', 'active', 'terminating')
      or (status = 'failed' and terminated_at is null and request ->> 'keepOnFailure' = 'true'))
    and (tenant is null or tenant_id = tenant) and (deployment is null or deployment_id = deployment)
$cost$;

create function keep_within_budgets() returns trigger language plpgsql set search_path from current as $keep$
declare
  budget record;
  spent float8;
begin
  for budget in select * from budgets b
    where (b.tenant_id is null or b.tenant_id = new.tenant_id)
      and (b.deployment_id is null or b.deployment_id = new.deployment_id)
    order by b.id for update
  loop
    -- A repeated call gets the answer of the first.
    if exists (select from nodes n where n.id = new.id or n.cluster_name = new.cluster_name
      or (n.created_by = new.created_by and n.idempotency_key = new.idempotency_key)) then
      return new;
    end if;
    spent := running_cost(budget.tenant_id, budget.deployment_id);
    if spent + coalesce(new.reserved_per_hour, 0) > budget.max_hourly_cost * (1 + 1e-9) then
      raise exception '%', jsonb_build_object('id', budget.id, 'running', spent) using errcode = 'LLB01';
    end if;
  end loop;
  return new;
end $keep$;
create trigger keep_within_budgets before insert on nodes for each row execute function keep_within_budgets();

create function review_budgets() returns void language plpgsql set search_path from current as $review$
declare
  budget record;
  spent float8;
  pressed float8;
  reached text;
  crossed boolean;
begin
  for budget in select * from budgets order by id for update loop
    spent := running_cost(budget.tenant_id, budget.deployment_id);
    -- A refused launch counts for some minutes, or until less runs than when it was refused.
    pressed := case when spent >= budget.refused_at and now() < budget.refused_until then budget.refused_at end;
    reached := case
      when pressed is not null or spent > budget.max_hourly_cost * (1 + 1e-9) then 'exceeded'
      when spent >= 0.8 * budget.max_hourly_cost then 'warning'
      else 'within' end;
    if reached = budget.level and pressed is not distinct from budget.refused_at then continue; end if;
    crossed := reached = 'exceeded' and budget.level <> 'exceeded' or reached = 'warning' and budget.level = 'within';
    update budgets set level = reached, refused_at = pressed, crossings = crossings + crossed::int where id = budget.id;
    if crossed then
      insert into notices (once, event, message, deployment_id, tenant_id, details)
      values ('budget ' || budget.id || ' ' || (budget.crossings + 1), 'budget.' || reached,
        case when pressed is not null then format('A launch was refused: the budget %s allows $%s per hour', budget.name,
            budget.max_hourly_cost)
          when reached = 'exceeded' then format('The budget %s is exceeded: $%s of $%s per hour', budget.name,
            round(spent::numeric, 2), budget.max_hourly_cost)
          else format('%s%% of the budget %s is used: $%s of $%s per hour',
            floor(100 * spent / budget.max_hourly_cost), budget.name, round(spent::numeric, 2), budget.max_hourly_cost)
        end,
        budget.deployment_id, budget.tenant_id,
        jsonb_build_object('budgetId', budget.id, 'name', budget.name, 'maxHourlyCost', budget.max_hourly_cost,
          'hourlyCost', round(spent::numeric, 4)))
      on conflict do nothing;
    end if;
  end loop;
end $review$;
`;
