import { migrate } from '@launchlog/server/database/migrations';
import { PgSqlDatabase } from '@launchlog/server/database/pg-sql-database';
import { NODE_MIGRATIONS } from '@launchlog/server/node/node-migrations';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { databaseCheck } from '@launchlog/server/doctor/database-check';
import { PgbouncerServer } from '../../support/backing-service/pgbouncer-server.js';
import { PostgresServer } from '../../support/backing-service/postgres-server.js';

const POOL_SIZE = 2;
const ROWS = 2_000;

describe('PostgreSQL behind pgbouncer in transaction mode, over TLS with sslmode=verify-full', () => {
  let postgres: PostgresServer;
  let pgbouncer: PgbouncerServer;
  let one: PgSqlDatabase;
  let other: PgSqlDatabase;

  beforeAll(async () => {
    postgres = await PostgresServer.start();
    pgbouncer = await PgbouncerServer.start({ url: postgres.url, poolSize: POOL_SIZE });
    one = new PgSqlDatabase({ url: pgbouncer.url });
    other = new PgSqlDatabase({ url: pgbouncer.url });
  });
  afterAll(async () => {
    await one?.close();
    await other?.close();
    await pgbouncer?.stop();
    await postgres?.stop();
  });

  test('two servers migrate at once, and write 2,000 rows over two connections', async () => {
    await Promise.all([migrate(one, NODE_MIGRATIONS), migrate(other, NODE_MIGRATIONS)]);
    await one.script('create table numbers (number int primary key)');
    const rows = Array.from({ length: ROWS }, (_, number) =>
      (number % 2 === 0 ? one : other).query('insert into numbers values ($1)', [number]),
    );
    await Promise.all(rows);
    expect((await postgres.query('select count(*)::int as n from numbers')).rows).toEqual([{ n: ROWS }]);
  });

  test('the doctor sees that a pooler is between', async () => {
    const messageOf = async (database: PgSqlDatabase) => {
      const findings = await databaseCheck({ database, clock: systemClock, external: true }).look();
      return findings[0]?.message ?? '';
    };
    expect(await messageOf(one)).toMatch(
      /^PostgreSQL \d+ answers and takes writes, through a pooler such as pgbouncer$/,
    );
    const direct = new PgSqlDatabase({ url: postgres.url });
    try {
      expect(await messageOf(direct)).toMatch(/, without a pooler between$/);
    } finally {
      await direct.close();
    }
  });

  test('a statement has a timeout, and other users of the same connections do not inherit it', async () => {
    expect(await one.query('show statement_timeout', [])).toEqual([['10s']]);
    for (let turn = 0; turn < POOL_SIZE * 2; turn += 1) {
      expect((await pgbouncer.query('show statement_timeout')).rows).toEqual([{ statement_timeout: '0' }]);
    }
  });

  test('a statement that fails leaves nothing behind, and its connection serves the next one', async () => {
    await one.script('create table once (id int primary key)');
    const twice = 'insert into once values ($1), ($1)';
    for (let turn = 0; turn < 20; turn += 1) {
      await expect(one.query(twice, [turn])).rejects.toMatchObject({ code: '23505' });
    }
    await expect(one.script('insert into once values (1); select 1/0')).rejects.toMatchObject({
      code: '22012',
    });
    expect(await one.query('select id from once', [])).toEqual([]);
  });

  test('a certificate of an unknown authority is refused, with the reason', async () => {
    const stranger = new PgSqlDatabase({ url: pgbouncer.strangerUrl });
    await expect(stranger.query('select 1', [])).rejects.toThrow(/self-signed certificate/);
    await stranger.close();
  });
});
