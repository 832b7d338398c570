import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { ACCESS_TABLE } from '@launchlog/server/edge/access-table';

test('the page on the console names where it has each operation, or why it has no page for it', async () => {
  const page = await readFile(new URL('../../../docs/console.md', import.meta.url), 'utf8');
  const section = page.split('\n## ').find((each) => each.startsWith('What the API can')) ?? '';
  const named = [...section.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
  const operations = ACCESS_TABLE.map((row) => ('procedure' in row ? row.procedure : row.rest));
  expect(operations.filter((name) => !named.includes(name))).toEqual([]);
  const known = new Set<string>(operations);
  expect(
    named.filter((name) => /^(?:[A-Z]+ \/|[a-z]+\.[a-z])/.test(name ?? '') && !known.has(name ?? '')),
  ).toEqual([]);
});
