import { z } from 'zod';
import type { OrchestratorKind } from '@launchlog/shared/node';
import type { Stray } from '@launchlog/shared/cost/stray';
import { straySchema } from '@launchlog/shared/cost/stray';
import { isoText, SqlColumns } from '../database/sql-columns.js';
import type { SqlDatabase } from '../database/sql-database.js';
import type { ListedCluster } from '../orchestrator/sight/cluster-inventory.js';
import type { StrayStore } from './stray-store.js';

const STRAY = new SqlColumns(straySchema, {
  name: 'cluster_name',
  kind: 'kind',
  state: 'state',
  nodeId: 'node_id',
  foundAt: isoText('found_at'),
  seenAt: isoText('seen_at'),
  terminatedBy: 'terminated_by',
  terminatingSince: isoText('terminating_since'),
  problem: 'problem',
});
const CLAIMED = new SqlColumns(z.object({ one: z.boolean() }), { one: 'one' });
const NAMED = new SqlColumns(z.object({ name: z.string() }), { name: 'cluster_name' });

/** A node accounts for its cluster until so long after its end, and misses it from so long after it was active. */
const SETTLED_MINUTES = 10;

/**
 * $1: what was listed, $2: the orchestrator. A foreign cluster with the label of another installation is that one's
 * business: nobody is notified of it.
 */
const COMPARE = `
  with listed as (
    select distinct on (name) name, state, installation
    from jsonb_to_recordset($1::jsonb) as l(name text, state text, installation text) order by name
  ), astray as (
    select l.name, l.state, n.id as node_id, l.installation,
      case when l.installation = (select id::text from installation) then 'ours' else 'foreign' end as kind
    from listed l left join nodes n on n.cluster_name = l.name
    where n.id is null or not (n.status in ('launching', 'active', 'terminating')
      or (n.status = 'failed' and n.terminated_at is null and n.request ->> 'keepOnFailure' = 'true')
      or greatest(n.updated_at, n.ended_at, n.terminated_at) > now() - interval '${SETTLED_MINUTES} minutes')
    union all
    select n.cluster_name, null, n.id, null, 'gone' from nodes n
    where n.status = 'active' and n.orchestrator = $2
      and n.ended_at < now() - interval '${SETTLED_MINUTES} minutes'
      and not exists (select from listed l where l.name = n.cluster_name)
  ), noted as (
    insert into strays as s (cluster_name, kind, state, node_id)
    select name, kind, state, node_id from astray
    on conflict (cluster_name) do update set kind = excluded.kind, state = excluded.state, node_id = excluded.node_id,
      seen_at = now(), looks = case when s.kind = excluded.kind then s.looks + 1 else 1 end,
      found_at = case when s.kind = excluded.kind then s.found_at else now() end,
      terminating_since = case when excluded.kind = 'ours' then s.terminating_since end,
      terminated_by = case when excluded.kind = 'ours' then s.terminated_by end
    returning cluster_name, found_at, looks
  ), told as (
    insert into notices (once, event, message, provider, deployment_id, tenant_id, details)
    select 'stray ' || a.name || ' ' || extract(epoch from s.found_at), 'stray.found',
      case a.kind when 'gone' then format('SkyPilot does not have %s, the cluster of an active node', a.name)
        when 'ours' then format('The cluster %s is on SkyPilot, and no node accounts for it', a.name)
        else format('The cluster %s is on SkyPilot without a label, and no node accounts for it', a.name) end,
      n.provider, n.deployment_id, n.tenant_id,
      jsonb_strip_nulls(jsonb_build_object('cluster', a.name, 'kind', a.kind, 'state', a.state, 'nodeId', a.node_id))
    from noted s join astray a on a.name = s.cluster_name left join nodes n on n.id = a.node_id
    where s.looks = 2 and (a.kind <> 'foreign' or a.installation is null)
    on conflict do nothing
  )
  delete from strays where cluster_name not in (select name from astray)`;

/** Strays in PostgreSQL, embedded or not. The migrations must have run. See decision 139. */
export class SqlStrayStore implements StrayStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  async claimLook(everyMs: number): Promise<boolean> {
    const claimed = await CLAIMED.first(
      this.#database,
      `update installation set looked_at = now()
       where looked_at is null or looked_at <= now() - $1::float8 * interval '1 millisecond' returning one`,
      [everyMs],
    );
    return claimed !== undefined;
  }

  async compare(listed: readonly ListedCluster[], orchestrator: OrchestratorKind): Promise<void> {
    await this.#database.query(COMPARE, [JSON.stringify(listed), orchestrator]);
  }

  list(): Promise<readonly Stray[]> {
    return STRAY.all(
      this.#database,
      `select ${STRAY.list} from strays where looks > 1 order by found_at, cluster_name`,
      [],
    );
  }

  find(name: string): Promise<Stray | undefined> {
    return STRAY.first(
      this.#database,
      `select ${STRAY.list} from strays where looks > 1 and cluster_name = $1`,
      [name],
    );
  }

  askRemoval(name: string, by: string): Promise<Stray | undefined> {
    return STRAY.first(
      this.#database,
      `update strays set terminated_by = coalesce(terminated_by, $2),
         terminating_since = coalesce(terminating_since, now())
       where cluster_name = $1 and looks > 1 and kind = 'ours' returning ${STRAY.list}`,
      [name, by],
    );
  }

  async claimRemoval(forMs: number): Promise<string | undefined> {
    const claimed = await NAMED.first(
      this.#database,
      `update strays set claimed_until = now() + $1::float8 * interval '1 millisecond'
       where cluster_name = (select cluster_name from strays where kind = 'ours' and terminating_since is not null
           and (claimed_until is null or claimed_until <= now())
         order by terminating_since, cluster_name limit 1 for update skip locked)
       returning ${NAMED.list}`,
      [forMs],
    );
    return claimed?.name;
  }

  async removed(name: string): Promise<void> {
    await this.#database.query('delete from strays where cluster_name = $1', [name]);
  }

  async notRemoved(name: string, problem: string | undefined, pauseMs: number): Promise<void> {
    await NAMED.all(
      this.#database,
      `update strays set problem = coalesce($2, problem), claimed_until = now() + $3::float8 * interval '1 millisecond'
       where cluster_name = $1 returning ${NAMED.list}`,
      [name, problem ?? null, pauseMs],
    );
  }
}
