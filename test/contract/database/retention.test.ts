import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLogger } from '@launchlog/server/logger';
import { pino } from 'pino';
import { systemClock } from '@launchlog/server/clock';
import { SqlStatementError } from '@launchlog/server/database/sql-database';
import { RetentionSweep } from '@launchlog/server/retention/retention-sweep';
import { expireEndedNodes } from '@launchlog/server/retention/sql-ended-nodes';
import { FakeClock } from '../../support/fake/fake-clock.js';
import { DATABASE_KINDS } from '../../support/database/node-databases.js';
import type { OpenDatabase } from '../../support/database/node-databases.js';

const id = (number: number) => `550e8400-e29b-41d4-a716-${String(number).padStart(12, '0')}`;

describe.each(Object.entries(DATABASE_KINDS))('old nodes in %s', (_kind, open) => {
  let opened: OpenDatabase;
  const run = (statement: string) => opened.database.query(statement, []);
  const number = async (statement: string) => Number((await run(statement))[0]?.[0]);
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.stop());

  async function addNode(place: number, status: string, daysAgo: number): Promise<string> {
    const at = `now() - interval '${daysAgo} days'`;
    const ended = status === 'launching' ? 'null' : at;
    await run(`insert into nodes (id, cluster_name, provider, region, gpu_type, model_name, status, gpu_count, use_spot,
        orchestrator, request, created_by, created_at, updated_at, ended_at, evidence)
      values ('${id(place)}', 'c-${place}', 'aws', 'us-west-2', 'A100', 'gpt2', '${status}', 1, true, 'simulated', '{}',
        'admin', ${at}, ${at}, ${ended}, '["CUDA out of memory"]')`);
    return id(place);
  }

  test('go with their events, their deliveries and their place in lists, when they ended long ago', async () => {
    const old = await addNode(1, 'failed', 40);
    await addNode(2, 'terminated', 31);
    await addNode(3, 'failed', 29);
    await addNode(4, 'active', 400);
    await addNode(5, 'launching', 400);
    await addNode(6, 'terminating', 400);
    await run(`insert into notification_rules (id, name, target_kind, target_host, target_view, sealed_target, target_key_id,
      events, enabled) values ('${id(9)}', 'r', 'slack', 'h', '{}', '', 'k', '[]', true)`);
    await run(`insert into notification_deliveries (id, rule_id, node_id, event, status)
      values ('${id(8)}', '${id(9)}', '${old}', 'launch.failed', 'delivered')`);
    expect(await number(`select count(*) from node_events where node_id = '${old}'`)).toBeGreaterThan(0);
    expect(await expireEndedNodes(opened.database, 30, 100)).toBe(2);
    expect(await run('select id::text from nodes order by id')).toEqual([[id(3)], [id(4)], [id(5)], [id(6)]]);
    expect(await run('select node_id::text from node_listing order by node_id')).toHaveLength(4);
    expect(await number(`select count(*) from node_events where node_id in ('${id(1)}', '${id(2)}')`)).toBe(
      0,
    );
    expect(await number('select count(*) from notification_deliveries')).toBe(0);
    expect(await expireEndedNodes(opened.database, 30, 100)).toBe(0);
  });

  test('stay while something about them is to be delivered or archived; records of archives go after their files', async () => {
    const [delivering, archiving, archived] = [
      await addNode(11, 'failed', 90),
      await addNode(12, 'failed', 90),
      await addNode(13, 'failed', 90),
    ];
    await run(`insert into notification_deliveries (id, rule_id, node_id, event, status)
      values ('${id(7)}', '${id(9)}', '${delivering}', 'launch.failed', 'pending')`);
    await run(
      `insert into log_archives (node_id, status) values ('${archiving}', 'pending'), ('${archived}', 'archived')`,
    );
    expect(await expireEndedNodes(opened.database, 30, 100)).toBe(1);
    expect(await number(`select count(*) from log_archives where node_id = '${archived}'`)).toBe(1);
    await run("update log_archives set status = 'deleted'");
    await run("update notification_deliveries set status = 'dead'");
    expect(await expireEndedNodes(opened.database, 30, 100)).toBe(2);
    await expireEndedNodes(opened.database, 30, 100);
    expect(await number('select count(*) from log_archives')).toBe(0);
  });

  test('go in batches of a limited size, the oldest first', async () => {
    for (const place of [21, 22, 23]) await addNode(place, 'failed', 100 - place);
    expect(await expireEndedNodes(opened.database, 30, 2)).toBe(2);
    expect(await run(`select id::text from nodes where id >= '${id(20)}'`)).toEqual([[id(23)]]);
  });

  test('are removed by a sweep until none is left, however many there are', async () => {
    await run(`insert into nodes (id, cluster_name, provider, region, gpu_type, model_name, status, gpu_count, use_spot,
        orchestrator, request, created_by, updated_at, ended_at)
      select gen_random_uuid(), 'many-' || n, 'aws', 'r', 'g', 'm', 'failed', 1, true, 'simulated', '{}', 'a',
        now() - interval '50 days', now() - interval '50 days' from generate_series(1, 450) n`);
    const expire = (most: number) => expireEndedNodes(opened.database, 30, most);
    const kept = [{ what: 'nodes', expire }];
    const sweep = new RetentionSweep({ kept, clock: systemClock, logger: createLogger('silent') });
    sweep.start();
    await expect.poll(() => number("select count(*) from nodes where cluster_name like 'many-%'")).toBe(0);
    await sweep.stop();
  });
});

describe('a sweep', () => {
  test('reports once what its role may not remove, and removes the rest every hour', async () => {
    const lines: string[] = [];
    const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
    const clock = new FakeClock();
    let sweeps = 0;
    const refused = () => Promise.reject(new SqlStatementError('permission denied', '42501'));
    const sweep = new RetentionSweep({
      kept: [
        { what: 'audit entries', expire: refused },
        { what: 'nodes', expire: () => Promise.resolve((sweeps += 1)) },
      ],
      clock,
      logger,
    });
    sweep.start();
    await expect.poll(() => sweeps).toBe(1);
    await clock.advance(3_600_000);
    await expect.poll(() => sweeps).toBe(2);
    await sweep.stop();
    expect(lines.filter((line) => line.includes('old audit entries stay'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('old nodes were removed'))).toHaveLength(2);
  });

  test('that fails is tried again after a minute', async () => {
    const clock = new FakeClock();
    let tries = 0;
    const expire = () => {
      tries += 1;
      return tries === 1 ? Promise.reject(new Error('away')) : Promise.resolve(0);
    };
    const sweep = new RetentionSweep({
      kept: [{ what: 'x', expire }],
      clock,
      logger: createLogger('silent'),
    });
    sweep.start();
    await expect.poll(() => tries).toBe(1);
    await clock.advance(60_000);
    await expect.poll(() => tries).toBe(2);
    await sweep.stop();
  });
});
