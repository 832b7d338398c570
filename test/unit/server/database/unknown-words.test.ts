import { expect, test } from 'vitest';
import { z } from 'zod';
import { SqlColumns } from '@launchlog/server/database/sql-columns';
import type { SqlDatabase } from '@launchlog/server/database/sql-database';
import { UnknownWords, WordFields } from '@launchlog/server/database/unknown-words';
import { NODE_WORDS } from '@launchlog/server/node/word/node-words';

function reporter() {
  const found: string[] = [];
  const words = new UnknownWords(({ table, field, word, id }) => {
    found.push(`${table}.${field} ${word} ${id}`);
  });
  return { found, words };
}

const NODE = {
  id: 'n',
  status: 'terminated',
  phase: 'failed',
  provider: 'aws',
  orchestrator: 'simulated',
  failureReason: null,
  health: null,
  lossReason: null,
};

function seen(...rows: readonly Partial<typeof NODE | Record<keyof typeof NODE, string>>[]): string[] {
  const { found, words } = reporter();
  for (const row of rows) NODE_WORDS.look(words, row.id ?? NODE.id, { ...NODE, ...row });
  return found;
}

test('words of this release are not reported, and absent ones neither', () => {
  expect(seen({}, { failureReason: 'quota', health: 'healthy', lossReason: 'preempted' })).toEqual([]);
});

test.each(['status', 'phase', 'provider', 'orchestrator', 'failureReason', 'health', 'lossReason'])(
  'an unknown word for %s is reported once, with the first node that has it',
  (field) => {
    const rows = ['a', 'b', 'c'].map((id) => ({ id, [field]: id === 'c' ? 'another' : 'new' }));
    expect(seen(...rows, ...rows)).toEqual([`nodes.${field} new a`, `nodes.${field} another c`]);
  },
);

test('a table full of strange words costs a bounded number of reports, each of bounded length', () => {
  const reports = seen(...Array.from({ length: 500 }, (_, at) => ({ status: `${at}`.padEnd(10_000, 'x') })));
  expect(reports).toHaveLength(100);
  expect(Math.max(...reports.map(({ length }) => length))).toBeLessThan(125);
});

test('the words of a list are looked at one by one, and what is no text is no word', () => {
  const { found, words } = reporter();
  const fields = new WordFields('tokens', { scopes: ['read'] });
  for (const scopes of [['read', 'fly', null, 7], 'walk', 7, null, undefined, { fly: true }]) {
    fields.look(words, 1, { scopes });
  }
  fields.look(undefined, 1, { scopes: 'unheard' });
  expect(found).toEqual(['tokens.scopes fly 1', 'tokens.scopes walk 1']);
});

test('columns report the word that the row has, also where the schema takes another for it', async () => {
  const { found, words } = reporter();
  const schema = z.object({ id: z.string(), kind: z.enum(['a', 'b']).catch('a') });
  const columns = new SqlColumns(
    schema,
    { id: 'id', kind: 'kind' },
    new WordFields('things', { kind: ['a', 'b'] }),
  );
  const rows = [
    ['1', 'b'],
    ['2', 'c'],
  ];
  const database: SqlDatabase = {
    words,
    query: () => Promise.resolve(rows),
    script: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  expect(await columns.all(database, '', [])).toEqual([
    { id: '1', kind: 'b' },
    { id: '2', kind: 'a' },
  ]);
  expect(found).toEqual(['things.kind c 2']);
});
