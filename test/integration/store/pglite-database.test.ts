import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { PgliteSqlDatabase } from '@launchlog/server/database/pglite-sql-database';

describe('the embedded database', () => {
  const root = mkdtempSync(join(tmpdir(), 'launchlog-embedded-'));
  const directory = join(root, 'nodes');
  let database: PgliteSqlDatabase;
  const open = () => PgliteSqlDatabase.open({ directory, clock: systemClock, lockWaitMs: 200 });

  beforeAll(async () => {
    database = await open();
  });
  afterAll(async () => {
    await database.close();
    rmSync(root, { recursive: true });
  });

  it('leaves the event loop free while it works', async () => {
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 10);
    const before = performance.now();
    await database.query('select count(*) from generate_series(1, 3000000) a, generate_series(1, 2) b', []);
    const tookMs = performance.now() - before;
    clearInterval(timer);
    expect(tookMs).toBeGreaterThan(100);
    // A loop that is held up ticks once at most; a busy machine may give it little time.
    expect(ticks).toBeGreaterThan(3);
  });

  it('lets nobody else open its directory while it is open', async () => {
    await expect(open()).rejects.toThrow('the data directory is in use');
  });

  it('rejects a failed statement with its SQLSTATE, and still answers the next', async () => {
    await expect(database.query('select 1/0', [])).rejects.toMatchObject({ code: '22012' });
    expect(await database.query('select $1::int + 1', [1])).toEqual([[2]]);
  });

  it('answers a statement that it has kept prepared as it answers a new one, whatever the parameters are', async () => {
    const text =
      'select $1::text, $2::int, $3::bool, $4::jsonb, $5::bytea, $6::timestamptz is null, $7::text[]';
    const bytes = new Uint8Array([0, 1, 255]);
    for (let round = 0; round < 130; round += 1) {
      const all = [
        'ü\n',
        round,
        round % 2 === 0,
        { a: [round] },
        bytes,
        '2026-01-01T00:00:00Z',
        ['a', 'b,"'],
      ];
      const [[name, number, flag, json, data, ...rest] = []] = await database.query(text, all);
      expect([name, number, flag, json, rest]).toEqual([
        'ü\n',
        round,
        round % 2 === 0,
        { a: [round] },
        [false, ['a', 'b,"']],
      ]);
      expect(Buffer.from(data as Uint8Array)).toEqual(Buffer.from(bytes));
      const none = [null, null, null, null, null, null, null];
      expect(await database.query(text, none)).toEqual([[null, null, null, null, null, true, null]]);
    }
  });

  it('keeps few statements prepared, and plans each of them again now and then', async () => {
    const counts = 'select count(*)::int, max(generic_plans + custom_plans)::int from pg_prepared_statements';
    for (let text = 0; text < 200; text += 1) await database.query(`select ${text}`, []);
    for (let use = 0; use < 250; use += 1) await database.query('select $1::int', [use]);
    const [[kept, uses] = []] = await database.query(counts, []);
    expect(kept).toBeLessThanOrEqual(64);
    expect(uses).toBeLessThanOrEqual(100);
  });

  it('answers a statement in the new form after a change of the schema, and a statement that failed when it can be run', async () => {
    const all = 'select * from changing';
    await database.script('create table changing (id int primary key); insert into changing values (1)');
    expect(await database.query(all, [])).toEqual([[1]]);
    await database.query('alter table changing add column name text', []);
    expect(await database.query(all, [])).toEqual([[1, null]]);
    await database.script(
      "alter table changing drop column name; alter table changing add column at date default 'today'",
    );
    expect((await database.query(all, []))[0]).toHaveLength(2);
    const insert = 'insert into changing (id) values ($1) returning id';
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await expect(database.query(insert, [1])).rejects.toMatchObject({ code: '23505' });
    }
    expect(await database.query(insert, [2])).toEqual([[2]]);
    await expect(database.query('select * from not_there', [])).rejects.toMatchObject({ code: '42P01' });
    await database.script('create table not_there (id int)');
    expect(await database.query('select * from not_there', [])).toEqual([]);
  });

  it('undoes a script that fails half-way', async () => {
    await expect(database.script('create table half (id int); select 1/0;')).rejects.toThrow(
      'division by zero',
    );
    expect(await database.query("select to_regclass('half')", [])).toEqual([[null]]);
  });

  it('keeps what was stored over a restart, and refuses questions once it is closed', async () => {
    await database.script('create table kept (id int); insert into kept values (1), (2)');
    await database.close();
    await database.close();
    await expect(database.query('select 1', [])).rejects.toThrow('has stopped');
    database = await open();
    expect(await database.query('select count(*)::int from kept', [])).toEqual([[2]]);
  });
});
