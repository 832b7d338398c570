import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readSourceTree } from '../support/source/source-tree.js';
import { HOUSE_RULES } from './house-rules.js';

const tree = readSourceTree();
/** The last two are never committed. */
const AGREED_FOLDERS = new Set(['server', 'client-sdk', 'shared', 'test', 'docs', 'node_modules', 'data']);

function strangeFolders(names: readonly string[]): string[] {
  return names.filter((name) => !name.startsWith('.') && !AGREED_FOLDERS.has(name));
}

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

describe('the top level holds the agreed folders only', () => {
  test('no other folder is there', () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(strangeFolders(folders.map(({ name }) => name))).toEqual([]);
  });

  test('another folder is found', () => {
    expect(strangeFolders(['docs', '.git', 'packages'])).toEqual(['packages']);
  });
});
