import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SqlArchiveLedger } from '@launchlog/server/archive/sql-archive-ledger';
import { systemClock } from '@launchlog/server/clock';
import type { SqlDatabase } from '@launchlog/server/database/sql-database';
import { SqlLaunchMetrics } from '@launchlog/server/metrics/sql-launch-metrics';
import { SqlNotificationStore } from '@launchlog/server/notification/sql-notification-store';
import { fillLaunchFacts } from '@launchlog/server/node/fact/launch-fact-fill';
import { fillNodeListing } from '@launchlog/server/node/node-listing-fill';
import { SqlNodeStore } from '@launchlog/server/node/sql-node-store';
import { expireEndedNodes } from '@launchlog/server/retention/sql-ended-nodes';
import { SqlStrayStore } from '@launchlog/server/stray/sql-stray-store';
import { UnknownWords } from '@launchlog/server/database/unknown-words';
import { wordedLanes } from '@launchlog/server/database/worded-lanes';
import { launchMetricsQuerySchema } from '@launchlog/shared/launch-metrics';
import { nodeListQuerySchema, type NodeListQuery } from '@launchlog/shared/node';
import { DATABASE_KINDS } from '../../support/database/node-databases.js';
import { seedNodes } from '../../support/database/seeded-nodes.js';
import { SlicedDatabase } from '../../support/database/touched-rows.js';
import { newRule } from '../../support/sample/new-notification-rule.js';

const NODES = 1_500;
const SLICE = 100;
/** Rows of nodes that one statement reads. */
const WIDE_ROWS = 50;
/** Each row of a slice passes through some steps of a statement. */
const STEPS = 12;

describe.each(Object.entries(DATABASE_KINDS))('scans in slices on %s', (_, open) => {
  let database: SqlDatabase;
  let stop: () => Promise<void>;
  let sliced: SlicedDatabase;

  beforeAll(async () => {
    ({ database, stop } = await open());
    // Without the triggers, which write what is not looked at here.
    await database.script(`set local session_replication_role = replica; ${seedNodes(NODES)}`);
    await Promise.all([fillNodeListing(database), fillLaunchFacts(database)]);
    sliced = new SlicedDatabase(database, SLICE);
  });
  afterAll(() => stop());

  const measured = async <Answer>(scan: () => Promise<Answer>) => {
    Object.assign(sliced, { queries: 0, mostTouched: 0 });
    const answer = await scan();
    return { answer, queries: sliced.queries, mostTouched: sliced.mostTouched };
  };

  it('launch metrics are those of one statement, and no statement looks at more than a slice', async () => {
    const query = launchMetricsQuerySchema.parse({ groupBy: ['provider', 'gpu'] });
    const whole = await new SqlLaunchMetrics({ ...wholeOf(database), scanRowsMax: NODES + 1 }, {}).launches(
      query,
    );
    const { answer, queries, mostTouched } = await measured(() =>
      new SqlLaunchMetrics(sliced, {}).launches(query),
    );
    expect(answer.total).toMatchObject({
      launches: NODES,
      launchSeconds: whole.total.launchSeconds,
      phases: whole.total.phases,
      failureReasons: whole.total.failureReasons,
    });
    expect(answer.groups.map(({ launches }) => launches)).toEqual(
      whole.groups.map(({ launches }) => launches),
    );
    expect(queries).toBeGreaterThanOrEqual(NODES / SLICE);
    expect(mostTouched).toBeLessThanOrEqual(SLICE * STEPS);
  });

  it('reads what may look at all nodes where it keeps no short read waiting', async () => {
    const asked: string[] = [];
    const lane = (name: string): SqlDatabase => ({
      query: (...call) => {
        asked.push(name);
        return database.query(...call);
      },
      script: (text) => database.script(text),
      close: () => database.close(),
    });
    const laned = new SqlNodeStore({
      database: lane('own'),
      reads: lane('reads'),
      scans: lane('scans'),
      clock: systemClock,
    });
    const lanesOf = async (query: Partial<NodeListQuery>) => {
      asked.splice(0);
      await laned.list(nodeListQuerySchema.parse(query));
      return [...new Set(asked)];
    };
    for (const query of [
      {},
      { tenantId: 'tenant-1', sort: 'age' },
      { status: ['active'], provider: 'aws' },
    ] as const) {
      expect(await lanesOf(nodeListQuerySchema.parse(query))).toEqual(['reads']);
    }
    for (const query of [{ q: 'llama' }, { counts: true }, { sort: 'price' }, { gpu: 'H100' }] as const) {
      expect(await lanesOf(query)).toEqual(['scans']);
    }
  });

  it('a word of a newer release is shown, and reported once, whether a list or a look at the node reads it', async () => {
    const found: string[] = [];
    const words = new UnknownWords(({ field, word }) => found.push(`${field} ${word}`));
    const { own, reads } = wordedLanes(
      { own: database, reads: database, scans: database, close: () => database.close() },
      words,
    );
    const nodes = new SqlNodeStore({ database: own, reads, clock: systemClock });
    const [newest] = (await nodes.list(nodeListQuerySchema.parse({ limit: 1 }))).nodes;
    const write = (reason: string) =>
      database.script(`set local session_replication_role = replica;
        update nodes set failure_reason = ${reason} where id = '${newest?.id}'`);
    await write(`'new'`);
    await nodes.list(nodeListQuerySchema.parse({ limit: 1 }));
    expect(found).toEqual(['failureReason new']);
    await write(`'newer'`);
    expect((await nodes.find(newest?.id ?? ''))?.node.failureReason).toBe('newer');
    await nodes.list(nodeListQuerySchema.parse({ limit: 1 }));
    expect(found).toEqual(['failureReason new', 'failureReason newer']);
    await write('null');
  });

  it.each<[string, Partial<NodeListQuery>]>([
    ['all nodes', {}],
    ['one status', { status: ['active', 'lost'] }],
    ['a region', { region: 'us-west-2' }],
    ['a tenant', { tenantId: 'tenant-1', gpu: 'A100' }],
    ['a deployment of a tenant', { tenantId: 'tenant-1', deploymentId: 'deployment-4' }],
    [
      'a cloud, since a time',
      { provider: 'aws', createdSince: new Date(Date.now() - 86_400_000).toISOString() },
    ],
    ['no node', { tenantId: 'nobody' }],
  ])(
    'counts of %s are those of one statement, and no statement looks at more than a slice',
    async (_name, filter) => {
      const query = nodeListQuerySchema.parse({ ...filter, counts: true, limit: 1 });
      const whole = await new SqlNodeStore({ database: wholeOf(database), clock: systemClock }).list(query);
      const { answer, mostTouched } = await measured(() =>
        new SqlNodeStore({ database: sliced, clock: systemClock }).list(query),
      );
      expect(answer.counts?.statuses).toEqual(whole.counts?.statuses);
      expect(answer.counts?.total).toBe(whole.counts?.total);
      expect(answer.counts?.cost?.hourly).toBeCloseTo(whole.counts?.cost?.hourly ?? NaN);
      expect(answer.counts?.cost?.total).toBeCloseTo(whole.counts?.cost?.total ?? NaN, 0);
      expect(mostTouched).toBeLessThanOrEqual(SLICE * STEPS);
    },
  );

  it.each<[string, Partial<NodeListQuery>]>([
    ['by status, of a cloud', { sort: 'status', provider: 'aws' }],
    ['by cost, the least first', { sort: 'cost', direction: 'asc' }],
    ['by cost, many at once', { sort: 'cost', limit: 60 }],
    ['by price, which many share', { sort: 'price', limit: 40 }],
    ['by cost, of a tenant', { sort: 'cost', tenantId: 'tenant-1' }],
    ['by name, of two states', { sort: 'name', status: ['active', 'lost'] }],
    ['by their end, with a text that many have', { sort: 'ended', q: 'llama' }],
    ['with a part of an id', { q: 'a1' }],
    ['with a part of an id, the oldest first', { q: 'a1', sort: 'age', direction: 'desc' }],
    ['with a part of an id that none has', { q: '00000000' }],
    ['with a text, and counts', { q: 'llama', counts: true }],
  ])(
    'pages %s are those of one statement, and no statement looks at more than a slice',
    async (_name, of) => {
      const read = async (from: SqlDatabase, cursor?: string) => {
        const nodes = new SqlNodeStore({ database: from, clock: systemClock });
        return nodes.list(
          nodeListQuerySchema.parse({ limit: 15, ...of, ...(cursor !== undefined && { cursor }) }),
        );
      };
      let cursor: string | undefined;
      for (let page = 0; page < 3; page += 1) {
        const whole = await read(wholeOf(database), cursor);
        const { answer, mostTouched } = await measured(() => read(sliced, cursor));
        expect(answer.nodes.map(({ id }) => id)).toEqual(whole.nodes.map(({ id }) => id));
        expect(answer.counts?.statuses).toEqual(whole.counts?.statuses);
        expect(mostTouched).toBeLessThanOrEqual(SLICE * STEPS);
        cursor = whole.nextCursor;
        if (cursor === undefined) break;
      }
    },
  );

  it.each<[string, Partial<NodeListQuery>]>([
    ['the first status first', {}],
    ['the last status first', { direction: 'desc' }],
    ['of some statuses', { status: ['lost', 'active', 'launching'] }],
  ])(
    'pages by status, %s, look in one statement at the first nodes of each status, and then read their rows in parts',
    async (_name, of) => {
      const read = async (from: SqlDatabase, more: Partial<NodeListQuery>) =>
        new SqlNodeStore({ database: from, clock: systemClock }).list(
          nodeListQuerySchema.parse({ sort: 'status', ...of, ...more }),
        );
      let cursor: string | undefined;
      for (let page = 0; page < NODES / 200 + 1; page += 1) {
        const from = { limit: page === 0 ? 30 : 200, ...(cursor !== undefined && { cursor }) };
        // The same nodes, but sorted as a whole.
        const sorted = await read(wholeOf(database), { createdSince: '2000-01-01T00:00:00Z', ...from });
        const { answer, queries, mostTouched } = await measured(() => read(sliced, from));
        expect(answer.nodes.map(({ id }) => id)).toEqual(sorted.nodes.map(({ id }) => id));
        expect(answer.nextCursor === undefined).toBe(sorted.nextCursor === undefined);
        const picked = answer.nodes.length + (answer.nextCursor === undefined ? 0 : 1);
        expect(queries).toBe(1 + Math.ceil(picked / WIDE_ROWS));
        // With a cursor, so few nodes may be sorted as a whole.
        expect(mostTouched).toBeLessThanOrEqual(page === 0 ? SLICE * STEPS : Infinity);
        cursor = answer.nextCursor;
        if (cursor === undefined) break;
      }
    },
  );

  it('what to notify of is found by its time, without a look at other nodes', async () => {
    await new SqlNotificationStore(database).createRule(newRule());
    const { mostTouched } = await measured(() => new SqlNotificationStore(sliced).fill(60_000));
    expect(mostTouched).toBeLessThan(SLICE);
    await database.script(`update notification_rules set active_since = '2000-01-01'`);
    expect(await new SqlNotificationStore(sliced).fill(10 * 365 * 86_400_000)).toBe(SLICE);
  });

  it('strays are those of one look, and no statement looks at more than a slice', async () => {
    const by = { orchestrator: 'skypilot-api', settledMinutes: 10 } as const;
    const whole = new SqlStrayStore(wholeOf(database));
    const known = await whole.active('skypilot-api');
    const { answer: active, mostTouched: touchedByActive } = await measured(() =>
      new SqlStrayStore(sliced).active('skypilot-api'),
    );
    expect(known.length).toBeGreaterThan(SLICE);
    expect(active.toSorted(byClusterName)).toEqual(known.toSorted(byClusterName));
    expect(touchedByActive).toBeLessThanOrEqual(SLICE * STEPS);

    const others = Array.from({ length: 3 * SLICE }, (_number, index) => `cic-others-${index}`);
    const listed = [
      ...others,
      ...known.filter((_node, index) => index % 3 > 0).map((one) => one.clusterName),
    ];
    const clusters = listed.map((name) => ({ name, state: 'UP', installation: undefined }));
    await whole.compare(clusters, by);
    const expected = await whole.compare(clusters, by);
    const noted = () =>
      database.query(
        `select cluster_name, kind, state, node_id, place, launched_at, installation, looks from strays order by cluster_name`,
        [],
      );
    const list = await noted();
    expect(expected.length).toBeGreaterThan(others.length);
    await database.script(
      `truncate strays; insert into strays (cluster_name, kind, looks) values ('cic-gone', 'ours', 2)`,
    );
    // Each statement runs twice, so that this is a second look.
    const { answer, mostTouched } = await measured(() => new SqlStrayStore(sliced).compare(clusters, by));
    expect(answer.toSorted(byName)).toEqual(expected.toSorted(byName));
    expect(await noted()).toEqual(list);
    expect(mostTouched).toBeLessThanOrEqual(SLICE * STEPS);
  });

  it('archives that wait are added, and records of nodes that are gone removed, a slice at a time', async () => {
    const count = async (from: string) =>
      Number((await database.query(`select count(*) from ${from}`, []))[0]?.[0]);
    await database.script('analyze nodes');
    const { mostTouched } = await measured(() => new SqlArchiveLedger(sliced).fill(10 * 365 * 86_400_000));
    expect(await count('log_archives')).toBe(await count('nodes where ended_at is not null'));
    expect(mostTouched).toBeLessThanOrEqual(SLICE * STEPS);
    await database.script(`update log_archives set status = 'deleted';
      insert into log_archives (node_id, status) select md5('gone-' || i)::uuid, 'missing' from generate_series(1, 300) i`);
    const removal = await measured(() => expireEndedNodes(sliced, 36_500, 100));
    expect(await count('log_archives')).toBe(await count('nodes where ended_at is not null'));
    // A table as small as this may be read as a whole for each slice.
    expect(removal.queries).toBeGreaterThanOrEqual(NODES / 2 / SLICE);
  });
});

function byClusterName(one: { readonly clusterName: string }, other: { readonly clusterName: string }) {
  return one.clusterName.localeCompare(other.clusterName);
}

function byName(one: { readonly name: string }, other: { readonly name: string }) {
  return one.name.localeCompare(other.name);
}

/** The database as one beside which others run. */
function wholeOf(database: SqlDatabase): SqlDatabase {
  return {
    query: (text, parameters) => database.query(text, parameters),
    script: (text) => database.script(text),
    close: () => database.close(),
  };
}
