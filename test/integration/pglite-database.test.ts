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
    expect(ticks).toBeGreaterThan(tookMs / 10 / 4);
  });

  it('lets nobody else open its directory while it is open', async () => {
    await expect(open()).rejects.toThrow('the data directory is in use');
  });

  it('rejects a failed statement with its SQLSTATE, and still answers the next', async () => {
    await expect(database.query('select 1/0', [])).rejects.toMatchObject({ code: '22012' });
    expect(await database.query('select $1::int + 1', [1])).toEqual([[2]]);
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
