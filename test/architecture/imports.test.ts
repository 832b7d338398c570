import { describe, expect, test } from 'vitest';
import { readSourceTree } from '../support/source/source-tree.js';
import { IMPORT_RULES } from './import-rules.js';

const tree = readSourceTree();

describe.each(IMPORT_RULES)('$title', ({ offences, planted }) => {
  test('no file breaks this rule', () => {
    expect(offences(tree)).toEqual([]);
  });

  test.each(planted.map((files) => ({ files })))('a planted violation is found', ({ files }) => {
    expect(offences([...tree, ...files]).join('\n')).toContain(
      files[0]?.path.split('/').slice(0, -1).join('/'),
    );
  });
});
