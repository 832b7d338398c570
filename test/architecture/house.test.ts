import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { codeOf, readSourceTree } from '../support/source-tree.js';

const LINES_MAX = 300;
const tree = readSourceTree();
const source = tree.filter((file) => !file.path.startsWith('test/'));

function pathsWhere(predicate: (file: (typeof tree)[number]) => boolean, files = tree): string[] {
  return files.filter(predicate).map((file) => file.path);
}

describe('the house', () => {
  test(`no file is longer than ${LINES_MAX} lines`, () => {
    expect(pathsWhere((file) => file.lines > LINES_MAX)).toEqual([]);
  });

  test('there are no drawers: utils, helpers, common, misc, types', () => {
    const drawer = /\/(?:utils?|helpers?|common|misc|types)(?:\.tsx?$|\/)/;
    expect(pathsWhere((file) => drawer.test(file.path))).toEqual([]);
  });

  test('file names are kebab-case', () => {
    expect(pathsWhere((file) => !/\/[a-z0-9]+(?:[-.][a-z0-9]+)*\.tsx?$/.test(file.path))).toEqual([]);
  });

  test('the only barrel is the SDK', () => {
    const reExports = /^export (?:type )?(?:\*|\{[^}]*\}) from /m;
    expect(pathsWhere((file) => reExports.test(file.text), source)).toEqual(['client-sdk/src/index.ts']);
  });

  test('the environment is read in one file of the server and one of the command line', () => {
    const allowed = /^server\/src\/(?:main|config)\.ts$|^client-sdk\/src\/cli\//;
    expect(
      pathsWhere((file) => /process\.env/.test(codeOf(file)) && !allowed.test(file.path), source),
    ).toEqual([]);
  });

  test('the server asks a clock for the time', () => {
    const server = source.filter(
      (file) => file.path.startsWith('server/src/') && file.path !== 'server/src/clock.ts',
    );
    /** That of a response is no timer of ours: node:http watches how the client takes it. */
    const readsTime =
      /\bDate\.now\(|new Date\(\)|performance\.now\(|(?<!\bresponse\.)\bsetTimeout\(|\bsetInterval\(/;
    expect(pathsWhere((file) => readsTime.test(codeOf(file)), server)).toEqual([]);
  });

  test('nothing is left open', () => {
    const open = /\b(?:TODO|FIXME|XXX)\b|not implemented|\.(?:skip|only)\(/;
    expect(pathsWhere((file) => open.test(file.text) && !file.path.endsWith('house.test.ts'))).toEqual([]);
  });

  test('the top level holds the agreed folders only', () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const folders = readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map((entry) => entry.name);
    const agreed = new Set(['server', 'client-sdk', 'shared', 'test', 'docs', 'node_modules', 'data']);
    expect(folders.filter((name) => !agreed.has(name))).toEqual([]);
  });
});
