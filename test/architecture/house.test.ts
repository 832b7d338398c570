import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readSourceTree } from '../support/source-tree.js';
import { HOUSE_RULES } from './house-rules.js';

const tree = readSourceTree();
const TOP_LEVEL_FOLDERS = ['server', 'client-sdk', 'shared', 'test', 'docs'];

describe.each(HOUSE_RULES)('$title', ({ offences, planted }) => {
  test('no file breaks this rule', () => {
    expect(offences(tree)).toEqual([]);
  });

  test.each(planted.map((files) => ({ files })))('a planted violation is found', ({ files }) => {
    expect(offences([...tree, ...files]).join('\n')).toContain(
      files[0]?.path.split('/').slice(0, -1).join('/'),
    );
  });
});

test('the top level holds the agreed folders only', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const folders = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name);
  // The last two are never committed.
  const agreed = new Set([...TOP_LEVEL_FOLDERS, 'node_modules', 'data']);
  expect(folders.filter((name) => !agreed.has(name))).toEqual([]);
});
