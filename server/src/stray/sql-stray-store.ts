import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { OrchestratorKind } from '@launchlog/shared/node';
import type { Stray } from '@launchlog/shared/cost/stray';
import { STRAY_KINDS, straySchema } from '@launchlog/shared/cost/stray';
import { isoText, SqlColumns } from '../database/sql-columns.js';
import type { SqlDatabase } from '../database/sql-database.js';
import { WordFields } from '../database/unknown-words.js';
import type { ListedCluster } from '../orchestrator/sight/cluster-inventory.js';
import type { KnownCluster } from '../orchestrator/sight/cluster-sight.js';
import { activeNodes, SqlStrayComparison } from './sql-stray-comparison.js';
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
const activeSchema = z.tuple([z.string(), z.boolean(), z.string().nullable()]);

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
    return new SqlStrayComparison(this.#database, settledMinutes).compare(listed, orchestrator);
  }

  async active(orchestrator: OrchestratorKind): Promise<readonly KnownCluster[]> {
    const known: KnownCluster[] = [];
    const answer = sql`select cluster_name, use_spot, handle from slice`;
    for await (const rows of activeNodes(this.#database, orchestrator, answer)) {
      known.push(...rows.map((row) => knownOf(activeSchema.parse(row))));
    }
    return known;
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

function knownOf([clusterName, useSpot, handle]: z.output<typeof activeSchema>): KnownCluster {
  return { clusterName, useSpot, handle: handle ?? undefined };
}
