import { z } from 'zod';
import type { OrchestratorKind } from '@launchlog/shared/node';
import type { Stray } from '@launchlog/shared/cost/stray';
import { STRAY_KINDS, straySchema } from '@launchlog/shared/cost/stray';
import { isoText, SqlColumns } from '../database/sql-columns.js';
import type { SqlDatabase } from '../database/sql-database.js';
import { WordFields } from '../database/unknown-words.js';
import type { ListedCluster } from '../orchestrator/sight/cluster-inventory.js';
import type { KnownCluster } from '../orchestrator/sight/cluster-sight.js';
import type { FoundStray, StrayStore } from './stray-store.js';

/** A newer release may store other kinds: they are listed as they are, and are not removed. */
const storedSchema = straySchema.extend({
  kind: z.custom<Stray['kind']>((word) => typeof word === 'string'),
});
const WORDS = new WordFields('strays', { kind: STRAY_KINDS });
const STRAY = new SqlColumns(
  storedSchema,
  {
    name: 'cluster_name',
    kind: 'kind',
    state: 'state',
    reason: `case kind when 'gone' then 'SkyPilot does not have the cluster of this active node'
    when 'foreign' then coalesce('It has the label of the installation ' || installation,
      'It has no label of an installation')
    when 'ours' then case when node_id is null then 'No node had this cluster' else 'Its node has ended' end end`,
    place: 'place',
    launchedAt: isoText('launched_at'),
    nodeId: 'node_id',
    foundAt: isoText('found_at'),
    seenAt: isoText('seen_at'),
    terminatedBy: 'terminated_by',
    terminatingSince: isoText('terminating_since'),
    problem: 'problem',
  },
  WORDS,
);
const CLAIMED = new SqlColumns(z.object({ one: z.boolean() }), { one: 'one' });
const NAMED = new SqlColumns(z.object({ name: z.string() }), { name: 'cluster_name' });

const ACTIVE = new SqlColumns(
  z.object({ clusterName: z.string(), useSpot: z.boolean(), handle: z.string().optional() }),
  { clusterName: 'cluster_name', useSpot: 'use_spot', handle: 'handle' },
);
const FOUND = new SqlColumns(
  z.object({ name: z.string(), kind: z.enum(STRAY_KINDS), installation: z.string().optional() }),
  { name: 'cluster_name', kind: 'kind', installation: 'installation' },
);

/**
 * $1: what was listed, $2: the orchestrator, $3: minutes until a node has settled. Of the clusters of another installation
 * people are notified once, not for each cluster. See decision 136.
 */
const COMPARE = `
  with listed as (
    select distinct on (name) name, state, installation, place,
      to_timestamp(case when "launchedAt" between 0 and 3.2e13 then "launchedAt" / 1000 end) as launched_at
    from jsonb_to_recordset($1::jsonb)
      as l(name text, state text, installation text, place text, "launchedAt" float8) order by name
  ), astray as (
    select l.name, l.state, n.id as node_id, l.installation, coalesce(l.place, n.provider || ' ' || n.region) as place,
      coalesce(l.launched_at, n.created_at) as launched_at,
      case when l.installation = (select id::text from installation) then 'ours' else 'foreign' end as kind
    from listed l left join nodes n on n.cluster_name = l.name
    where n.id is null or not (n.status in ('launching', 'active', 'terminating')
      or (n.status = 'failed' and n.terminated_at is null and n.request ->> 'keepOnFailure' = 'true')
      or greatest(n.updated_at, n.ended_at, n.terminated_at) > now() - $3::float8 * interval '1 minute')
    union all
    select n.cluster_name, null, n.id, null, n.provider || ' ' || n.region, n.created_at, 'gone' from nodes n
    where n.status = 'active' and n.orchestrator = $2
      and n.ended_at < now() - $3::float8 * interval '1 minute'
      and not exists (select from listed l where l.name = n.cluster_name)
  ), noted as (
    insert into strays as s (cluster_name, kind, state, node_id, place, launched_at, installation)
    select name, kind, state, node_id, place, launched_at, installation from astray
    on conflict (cluster_name) do update set kind = excluded.kind, state = excluded.state, node_id = excluded.node_id,
      place = excluded.place, launched_at = excluded.launched_at, installation = excluded.installation,
      seen_at = now(), looks = case when s.kind = excluded.kind then s.looks + 1 else 1 end,
      found_at = case when s.kind = excluded.kind then s.found_at else now() end,
      terminating_since = case when excluded.kind = 'ours' then s.terminating_since end,
      terminated_by = case when excluded.kind = 'ours' then s.terminated_by end
    returning cluster_name, kind, installation, found_at, looks
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
  ), others as (
    insert into notices (once, event, message, details)
    select 'installation ' || installation, 'stray.found',
      format('%s of another installation of Launchlog, %s, on this SkyPilot, such as %s',
        case count(*) when 1 then '1 cluster is' else count(*) || ' clusters are' end, installation, min(cluster_name)),
      jsonb_build_object('cluster', min(cluster_name), 'kind', 'foreign', 'installation', installation)
    from noted where kind = 'foreign' and installation is not null
    group by installation having bool_or(looks = 2)
    on conflict do nothing
  ), forgotten as (
    delete from strays where cluster_name not in (select name from astray)
  )
  select ${FOUND.list} from noted where looks = 2 order by cluster_name`;

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

  compare(
    listed: readonly ListedCluster[],
    { orchestrator, settledMinutes }: { orchestrator: OrchestratorKind; settledMinutes: number },
  ): Promise<readonly FoundStray[]> {
    return FOUND.all(this.#database, COMPARE, [JSON.stringify(listed), orchestrator, settledMinutes]);
  }

  async active(orchestrator: OrchestratorKind): Promise<readonly KnownCluster[]> {
    const rows = await ACTIVE.all(
      this.#database,
      `select ${ACTIVE.list} from nodes where status = 'active' and orchestrator = $1`,
      [orchestrator],
    );
    return rows.map(({ clusterName, useSpot, handle }) => ({ clusterName, useSpot, handle }));
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
    await this.#database.query(
      `update strays set problem = coalesce($2, problem), claimed_until = now() + $3::float8 * interval '1 millisecond'
       where cluster_name = $1`,
      [name, problem ?? null, pauseMs],
    );
  }
}
