import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { MarkdownPage } from '../support/docs/markdown-page.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const paths = [
  'README.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `docs/${path}`),
].toSorted();
const pages = new Map(paths.map((path) => [path, MarkdownPage.read(path)]));

/** Why a link leads nowhere; undefined where it does not. */
function problemOf(page: MarkdownPage, target: string): string | undefined {
  if (/^[a-z]+:/.test(target)) return target.startsWith('http://') ? 'is not https' : undefined;
  const [file = '', anchor] = target.split('#', 2);
  const path = file === '' ? page.path : normalize(join(dirname(page.path), decodeURIComponent(file)));
  if (path.startsWith('..')) return 'leads out of the repository';
  if (!existsSync(join(root, path))) return 'leads to no file';
  if (anchor === undefined || anchor === '') return undefined;
  const linked = pages.get(path);
  if (linked === undefined)
    return statSync(join(root, path)).isFile() ? 'has an anchor in no page' : 'is a folder';
  return linked.anchors.has(anchor) ? undefined : 'leads to no heading';
}

/** `security/secrets` stands for `test/security/secrets.test.ts` or a contract, and `unit/server/audit` for a folder of tests. */
const NAMED_TEST = /`((?:unit|contract|integration|e2e|faults|security)\/[a-z0-9/.-]+)`/g;
const NAMED_FILE = /`((?:shared|server|client-sdk|test)\/(?!dist\b)[a-z0-9/.-]+)`/g;

/** Files that a text names and that do not exist. */
function missingFiles(text: string): string[] {
  const tests = [...text.matchAll(NAMED_TEST)].map(([, name = '']) => `test/${name}`);
  const files = [...text.matchAll(NAMED_FILE)].map(([, name = '']) => name);
  const exists = (path: string) =>
    ['', '.test.ts', '.contract.ts', '.embedded.test.ts'].some((ending) =>
      existsSync(join(root, `${path}${ending}`)),
    );
  return [...tests, ...files].filter((path) => !exists(path));
}

describe('the links of the documentation', () => {
  test.each(paths)('every link of %s leads to an existing file and heading', (path) => {
    const page = pages.get(path)!;
    const broken = page.links.flatMap(({ target, line }) => {
      const problem = problemOf(page, target);
      return problem === undefined ? [] : [`line ${line}: ${target} ${problem}`];
    });
    expect(broken).toEqual([]);
  });

  test.each(paths.filter((path) => !path.startsWith('docs/decisions/')))(
    'every file and test that %s names exists',
    (path) => {
      expect(missingFiles(readFileSync(join(root, path), 'utf8'))).toEqual([]);
    },
  );

  test('a name of a file that was moved is found', () => {
    expect(missingFiles('`security/secrets`, `security/moved`, `server/src/moved.ts`')).toEqual([
      'test/security/moved',
      'server/src/moved.ts',
    ]);
  });

  test('a broken link is found', () => {
    const page = pages.get('docs/README.md')!;
    expect(problemOf(page, 'nowhere.md')).toBe('leads to no file');
    expect(problemOf(page, 'glossary.md#nothing')).toBe('leads to no heading');
    expect(problemOf(page, 'trpc.md#events-of-a-subscription')).toBeUndefined();
  });

  test('the index leads to every page but decisions', () => {
    const index = pages.get('docs/README.md')!;
    const linked = index.links.map(({ target }) => normalize(join('docs', target.split('#', 1)[0] ?? '')));
    const guides = paths.filter((path) => path.startsWith('docs/') && !path.startsWith('docs/decisions/'));
    const missing = guides.filter((path) => path !== index.path && !linked.includes(path));
    expect(missing.map((path) => relative('docs', path))).toEqual([]);
  });
});
