import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tabledProcedures } from '@launchlog/server/edge/access-table';
import { OutsideProject } from '../../support/package/outside-project.js';
import { BUILD_MS } from '../../support/within.js';

const fixtures = fileURLToPath(new URL('../../fixtures/outside-project', import.meta.url));
const KB = 1024;

let project: OutsideProject;

beforeAll(() => {
  project = OutsideProject.create();
  for (const name of ['@trpc/client', '@trpc/server', 'superjson', 'copy-anything']) project.link(name);
  project.write('uses-trpc.ts', readFileSync(join(fixtures, 'uses-trpc.ts.txt'), 'utf8'));
}, BUILD_MS);

afterAll(() => project.remove());

/** The files that a program on `@launchlog/sdk/trpc` reads. */
function declarations(entry = 'trpc.d.ts', seen = new Map<string, string>()): ReadonlyMap<string, string> {
  if (seen.has(entry)) return seen;
  const text = project.read(`dist/${entry}`);
  seen.set(entry, text);
  for (const [, name = ''] of text.matchAll(/from ["']\.\/([^"']+)\.js["']/g))
    declarations(`${name}.d.ts`, seen);
  return seen;
}

describe('the types of the router, for the stock client', () => {
  test('are at most 50 KB, and name nothing but tRPC', () => {
    const files = declarations();
    const bytes = [...files.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    expect(bytes).toBeLessThanOrEqual(50 * KB);
    const imported = [...files.values()].flatMap((text) =>
      [...text.matchAll(/(?:from|import\()\s*["']([^"'.][^"']*)["']/g)].map(([, name]) => name),
    );
    expect([...new Set(imported)]).toEqual(['@trpc/server']);
    for (const text of files.values())
      expect(text).not.toMatch(/\b(?:pino|Zod|drizzle|Principal|LogStream)\b/);
  });

  test('have every procedure of the router', () => {
    const text = [...declarations().values()].join('\n');
    for (const procedure of tabledProcedures()) {
      const [, name = ''] = procedure.split('.');
      expect(text).toMatch(new RegExp(`\\b${name}: TRPC(?:Query|Mutation|Subscription)Procedure<`));
    }
  });

  test.each(['NodeNext', 'Bundler'])(
    'infer inputs, events and errors, resolved by %s',
    (moduleResolution) => {
      const module = moduleResolution === 'Bundler' ? 'ESNext' : moduleResolution;
      const compilerOptions = {
        target: 'ES2022',
        module,
        moduleResolution,
        lib: ['ES2022', 'DOM', 'DOM.AsyncIterable', 'ESNext.Disposable'],
        types: [],
        strict: true,
        skipLibCheck: false,
        noEmit: true,
      };
      project.write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['uses-trpc.ts'] }));
      expect(project.typeCheck()).toEqual([]);
    },
  );

  test('bring no copy of tRPC: a tool has its own, of any version 11', () => {
    const manifest = JSON.parse(project.read('package.json')) as Record<string, Record<string, unknown>>;
    expect(manifest['dependencies']).toBeUndefined();
    expect(manifest['peerDependencies']?.['@trpc/server']).toBe('^11.0.0');
    expect(manifest['peerDependenciesMeta']?.['@trpc/server']).toEqual({ optional: true });
  });
});

test('the words of the wire are there at run time, with labels', async () => {
  const sdk = (await import(project.pathOf('dist/index.js'))) as Record<string, unknown>;
  expect(sdk['PHASES']).toContain('model_loading');
  for (const [words, labels] of [
    ['PROVIDERS', 'PROVIDER_LABELS'],
    ['PHASES', 'PHASE_LABELS'],
    ['LEVELS', 'LEVEL_LABELS'],
    ['SOURCES', 'SOURCE_LABELS'],
    ['STATUSES', 'STATUS_LABELS'],
    ['FAILURE_REASONS', 'FAILURE_LABELS'],
  ] as const) {
    expect(Object.keys(sdk[labels] as object).toSorted()).toEqual([...(sdk[words] as string[])].toSorted());
  }
});
