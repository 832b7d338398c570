import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { MarkdownPage } from '../support/markdown-page.js';

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

describe('the links of the documentation', () => {
  test.each(paths)('every link of %s leads to an existing file and heading', (path) => {
    const page = pages.get(path)!;
    const broken = page.links.flatMap(({ target, line }) => {
      const problem = problemOf(page, target);
      return problem === undefined ? [] : [`line ${line}: ${target} ${problem}`];
    });
    expect(broken).toEqual([]);
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
