import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { SqlColumns } from '@launchlog/server/database/sql-columns';
import type { SqlDatabase } from '@launchlog/server/database/sql-database';

const JOB = new SqlColumns(z.object({ nodeId: z.string(), count: z.int().optional() }), {
  nodeId: 'node_id',
  count: 'count(*)::int',
});

/** Answers every statement with the rows, and notes what it was asked. */
function databaseOf(rows: unknown[][]) {
  const asked: { text: string; parameters: readonly unknown[] }[] = [];
  const database: SqlDatabase = {
    query: (text, parameters) => {
      asked.push({ text, parameters });
      return Promise.resolve(rows);
    },
    script: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  return { database, asked };
}

describe('named columns', () => {
  test('list their expressions in the order in which rows are read', async () => {
    expect(JOB.list).toBe('node_id, count(*)::int');
    const { database, asked } = databaseOf([
      ['a', 1],
      ['b', 2],
    ]);
    expect(await JOB.all(database, `select ${JOB.list} from jobs`, [])).toEqual([
      { nodeId: 'a', count: 1 },
      { nodeId: 'b', count: 2 },
    ]);
    expect(asked).toEqual([{ text: 'select node_id, count(*)::int from jobs', parameters: [] }]);
  });

  test('leave out a field that is null', async () => {
    const row = await JOB.first(databaseOf([['a', null]]).database, '', []);
    expect(Object.keys(row ?? {})).toEqual(['nodeId']);
  });

  test('refuse a row that is not as the schema has it', async () => {
    await expect(JOB.all(databaseOf([['a', 'many']]).database, '', [])).rejects.toThrow(z.ZodError);
    await expect(JOB.all(databaseOf([[null, 1]]).database, '', [])).rejects.toThrow(z.ZodError);
  });

  test('yield no first row where there is none', async () => {
    expect(await JOB.first(databaseOf([]).database, '', [])).toBeUndefined();
  });

  test('clean text that PostgreSQL cannot store, and pass on all other parameters', async () => {
    const { database, asked } = databaseOf([]);
    await JOB.all(database, '', ['a\u0000b', 1, null]);
    expect(asked[0]?.parameters).toEqual(['a\ufffdb', 1, null]);
  });
});
