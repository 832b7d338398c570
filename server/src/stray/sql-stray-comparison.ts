import type { SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { STRAY_KINDS } from '@launchlog/shared/cost/stray';
import type { OrchestratorKind } from '@launchlog/shared/node';
import { SqlColumns } from '../database/sql-columns.js';
import type { SqlDatabase } from '../database/sql-database.js';
import { queriesOf } from '../database/sql-queries.js';
import { sqlSlices } from '../database/sql-slices.js';
import type { ListedCluster } from '../orchestrator/sight/cluster-inventory.js';
import type { FoundStray } from './stray-store.js';

/** Clusters of one statement: each is looked up in an index. */
const CLUSTERS_MAX = 500;
/** Nodes of one statement. Their rows are wide, so that few share a page. */
const ACTIVE_MAX = 1_000;

const strayKindSchema = z.enum(STRAY_KINDS);
const FOUND = new SqlColumns(
  z.object({ name: z.string(), kind: strayKindSchema, installation: z.string().optional() }),
  { name: 'cluster_name', kind: 'kind', installation: 'installation' },
);
const NAMED = new SqlColumns(z.object({ name: z.string() }), { name: 'cluster_name' });
const astraySchema = z.object({
  name: z.string(),
  kind: strayKindSchema,
  state: z.string().optional(),
  nodeId: z.string().optional(),
  place: z.string().optional(),
  launchedAt: z.string().optional(),
  installation: z.string().optional(),
});
type Astray = z.output<typeof astraySchema>;
const ASTRAY = new SqlColumns(astraySchema, {
  name: 'l.name',
  kind: "case when l.installation = (select id::text from installation) then 'ours' else 'foreign' end",
  state: 'l.state',
  nodeId: 'n.id',
  place: "coalesce(l.place, n.provider || ' ' || n.region)",
  launchedAt: 'coalesce(l.launched_at, n.created_at)::text',
  installation: 'l.installation',
});
const goneSchema = z.tuple([z.string(), z.string(), z.string(), z.string()]);

/** $1: what was listed, $2: minutes until a node has settled. */
const WITHOUT_NODE = `
  select ${ASTRAY.list}
  from (
    select name, state, installation, place,
      to_timestamp(case when "launchedAt" between 0 and 3.2e13 then "launchedAt" / 1000 end) as launched_at
    from jsonb_to_recordset($1::jsonb)
      as listed (name text, state text, installation text, place text, "launchedAt" float8)
  ) l
  left join lateral (select * from nodes where cluster_name = l.name limit 1) n on true
  where n.id is null or not (n.status in ('launching', 'active', 'terminating')
    or (n.status = 'failed' and n.terminated_at is null and n.request ->> 'keepOnFailure' = 'true')
    or greatest(n.updated_at, n.ended_at, n.terminated_at) > now() - $2::float8 * interval '1 minute')`;

/**
 * $1: strays, $2: how many clusters each other installation has, and the first one. People are notified once of these, not for
 * each cluster. See decision 136.
 */
const NOTE = `
  with noted as (
    insert into strays as s (cluster_name, kind, state, node_id, place, launched_at, installation)
    select name, kind, state, "nodeId", place, "launchedAt", installation
    from jsonb_to_recordset($1::jsonb) as astray (name text, kind text, state text, "nodeId" uuid, place text,
      "launchedAt" timestamptz, installation text)
    on conflict (cluster_name) do update set kind = excluded.kind, state = excluded.state, node_id = excluded.node_id,
      place = excluded.place, launched_at = excluded.launched_at, installation = excluded.installation,
      seen_at = now(), looks = case when s.kind = excluded.kind then s.looks + 1 else 1 end,
      found_at = case when s.kind = excluded.kind then s.found_at else now() end,
      terminating_since = case when excluded.kind = 'ours' then s.terminating_since end,
      terminated_by = case when excluded.kind = 'ours' then s.terminated_by end
    returning cluster_name, kind, state, node_id, installation, found_at, looks
  ), told as (
    insert into notices (once, event, message, provider, deployment_id, tenant_id, details)
    select 'stray ' || s.cluster_name || ' ' || extract(epoch from s.found_at), 'stray.found',
      case s.kind when 'gone' then format('SkyPilot does not have %s, the cluster of an active node', s.cluster_name)
        when 'ours' then format('The cluster %s is on SkyPilot, and no node accounts for it', s.cluster_name)
        else format('The cluster %s is on SkyPilot without a label, and no node accounts for it', s.cluster_name) end,
      n.provider, n.deployment_id, n.tenant_id,
      jsonb_strip_nulls(jsonb_build_object('cluster', s.cluster_name, 'kind', s.kind, 'state', s.state, 'nodeId', s.node_id))
    from noted s left join lateral (select * from nodes where id = s.node_id limit 1) n on true
    where s.looks = 2 and (s.kind <> 'foreign' or s.installation is null)
    on conflict do nothing
  ), others as (
    insert into notices (once, event, message, details)
    select 'installation ' || installation, 'stray.found',
      format('%s of another installation of Launchlog, %s, on this SkyPilot, such as %s',
        case count when 1 then '1 cluster is' else count || ' clusters are' end, installation, name),
      jsonb_build_object('cluster', name, 'kind', 'foreign', 'installation', installation)
    from jsonb_to_recordset($2::jsonb) as other (installation text, count int, name text)
    where installation in (select installation from noted where kind = 'foreign' and looks = 2)
    on conflict do nothing
  )
  select ${FOUND.list} from noted where looks = 2 order by cluster_name`;

/**
 * Compares what an orchestrator lists with the nodes, in bounded statements. Only the last ones write, so that a comparison that
 * is interrupted has noted some of the strays, each with its notice, and the next one notes the others. See decisions 139 and 198.
 */
export class SqlStrayComparison {
  readonly #database: SqlDatabase;
  readonly #settledMinutes: number;
  readonly #clustersMax: number;

  constructor(database: SqlDatabase, settledMinutes: number) {
    this.#database = database;
    this.#settledMinutes = settledMinutes;
    this.#clustersMax = Math.min(CLUSTERS_MAX, database.scanRowsMax ?? CLUSTERS_MAX);
  }

  /** Resolves to the strays that two looks have seen now. */
  async compare(
    listed: readonly ListedCluster[],
    orchestrator: OrchestratorKind,
  ): Promise<readonly FoundStray[]> {
    const byName = new Map(listed.map((cluster) => [cluster.name, cluster]));
    const astray = [...(await this.#withoutNode(byName)), ...(await this.#gone(byName, orchestrator))];
    astray.sort((one, other) => (one.name < other.name ? -1 : 1));
    const found = await this.#note(astray);
    await this.#forgetAllBut(new Set(astray.map(({ name }) => name)));
    return found;
  }

  async #withoutNode(byName: ReadonlyMap<string, ListedCluster>): Promise<Astray[]> {
    const astray: Astray[] = [];
    for (const clusters of partsOf([...byName.values()], this.#clustersMax)) {
      const parameters = [JSON.stringify(clusters), this.#settledMinutes];
      astray.push(...(await ASTRAY.all(this.#database, WITHOUT_NODE, parameters)));
    }
    return astray;
  }

  /** Active nodes whose clusters are not listed. */
  async #gone(byName: ReadonlyMap<string, ListedCluster>, orchestrator: OrchestratorKind): Promise<Astray[]> {
    const gone: Astray[] = [];
    const answer = sql`select cluster_name, node_id::text, provider || ' ' || region, created_at::text from slice
      where ended_at < now() - ${this.#settledMinutes}::float8 * interval '1 minute'`;
    for await (const rows of activeNodes(this.#database, orchestrator, answer)) {
      for (const row of rows) {
        const [name, nodeId, place, launchedAt] = goneSchema.parse(row);
        if (!byName.has(name)) gone.push({ name, kind: 'gone', nodeId, place, launchedAt });
      }
    }
    return gone;
  }

  async #note(astray: readonly Astray[]): Promise<FoundStray[]> {
    const others = JSON.stringify(otherInstallations(astray));
    const found: FoundStray[] = [];
    for (const part of partsOf(astray, this.#clustersMax)) {
      found.push(...(await FOUND.all(this.#database, NOTE, [JSON.stringify(part), others])));
    }
    return found;
  }

  async #forgetAllBut(names: ReadonlySet<string>): Promise<void> {
    for (let after: string | undefined = ''; after !== undefined;) {
      const known: { name: string }[] = await NAMED.all(
        this.#database,
        `select ${NAMED.list} from strays where cluster_name > $1 order by cluster_name limit $2::int`,
        [after, this.#clustersMax],
      );
      const over = known.map(({ name }) => name).filter((name) => !names.has(name));
      if (over.length > 0) {
        await this.#database.query(
          'delete from strays where cluster_name in (select jsonb_array_elements_text($1::jsonb))',
          [JSON.stringify(over)],
        );
      }
      after = known.length < this.#clustersMax ? undefined : known.at(-1)?.name;
    }
  }
}

/** The rows of the answer, a `select` from `slice`, for all active nodes of an orchestrator. */
export function activeNodes(
  database: SqlDatabase,
  orchestrator: OrchestratorKind,
  answer: SQL,
): AsyncGenerator<unknown[][]> {
  return sqlSlices(queriesOf(database), {
    table: sql`(select id as node_id, created_at, ended_at, cluster_name, provider, region, use_spot, handle from nodes
      where status = 'active' and orchestrator = ${orchestrator})`,
    within: [],
    rows: Math.min(ACTIVE_MAX, database.scanRowsMax ?? ACTIVE_MAX),
    copied: true,
    answer: () => answer,
  });
}

/** How many clusters each other installation has, and the name of the first. */
function otherInstallations(astray: readonly Astray[]) {
  const others = new Map<string, { installation: string; count: number; name: string }>();
  for (const { kind, installation, name } of astray) {
    if (kind !== 'foreign' || installation === undefined) continue;
    const known = others.get(installation);
    if (known === undefined) others.set(installation, { installation, count: 1, name });
    else known.count += 1;
  }
  return [...others.values()];
}

function* partsOf<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}
