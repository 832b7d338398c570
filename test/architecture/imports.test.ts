import { describe, expect, test } from 'vitest';
import { readSourceTree, type ImportStatement, type SourceFile } from '../support/source-tree.js';

const tree = readSourceTree();

/** An adapter stands beside its port and is named after it, with its technology first: `redis-log-store.ts`. */
const ADAPTER = new RegExp(
  '^server/src/[a-z-]+/(?:redis|embedded|memory|sql|pg|pglite|skypilot-api|skypilot-cli|simulated|webhook|slack|discord|email|s3|folder)-' +
    '(?:[a-z]+-store|sql-database|orchestrator|notifier|rate-limiter)\\.ts$',
);

/** Files of an adapter that it alone uses begin with its technology, too: they may touch what it touches. */
const TECHNOLOGY_FILE =
  /\/(?:redis|embedded|sql|pg|pglite|skypilot|simulated|webhook|slack|discord|email|s3|folder)-[^/]+\.ts$/;

/** What only an adapter, an edge or the process itself may touch. */
const TECHNOLOGIES =
  /^(?:ioredis|pg|execa|ws|node:(?:http|https|net|tls|child_process|worker_threads|fs|fs\/promises)|nodemailer|@electric-sql\/.*|@aws-sdk\/.*|drizzle-orm.*)$/;

function offences(
  files: (path: string) => boolean,
  forbidden: (statement: ImportStatement, file: SourceFile) => boolean,
): string[] {
  return tree
    .filter((file) => files(file.path))
    .flatMap((file) =>
      file.imports
        .filter((statement) => forbidden(statement, file))
        .map((statement) => `${file.path} imports ${statement.specifier}`),
    );
}

const inside = (folder: string) => (path: string) => path.startsWith(folder);
const targets = (pattern: RegExp) => (statement: ImportStatement) => pattern.test(statement.target ?? '');

describe('who may import whom', () => {
  test('shared imports zod and itself only', () => {
    const own = (statement: ImportStatement) => statement.target?.startsWith('shared/src/') ?? false;
    expect(
      offences(inside('shared/src/'), (statement) => statement.specifier !== 'zod' && !own(statement)),
    ).toEqual([]);
  });

  test('only the composition root and adapters themselves import adapters', () => {
    const outsiders = (path: string) =>
      path.startsWith('server/src/') &&
      !ADAPTER.test(path) &&
      !/^server\/src\/(?:app\/[^/]+|main)\.ts$/.test(path);
    const adapter = (statement: ImportStatement) =>
      ADAPTER.test(statement.target ?? '') && !statement.typeOnly;
    expect(offences(outsiders, adapter)).toEqual([]);
  });

  test('the domain of the launch knows no technology', () => {
    const domain = (path: string) => path.startsWith('server/src/launch/') && !TECHNOLOGY_FILE.test(path);
    expect(offences(domain, (statement) => TECHNOLOGIES.test(statement.specifier))).toEqual([]);
  });

  test('the feed, the writer and the queries of the log know no technology', () => {
    const domain = (path: string) => path.startsWith('server/src/log/') && !TECHNOLOGY_FILE.test(path);
    expect(offences(domain, (statement) => TECHNOLOGIES.test(statement.specifier))).toEqual([]);
  });

  test('the parsers of output are pure', () => {
    const parsers = (path: string) => /^server\/src\/orchestrator\/output\/(?:skypilot|vllm)-output\.ts$/.test(path);
    expect(offences(parsers, (statement) => statement.specifier.startsWith('node:'))).toEqual([]);
  });

  test('the edges do not know each other', () => {
    expect(offences(inside('server/src/trpc/'), targets(/^server\/src\/http\//))).toEqual([]);
    expect(offences(inside('server/src/http/'), targets(/^server\/src\/trpc\//))).toEqual([]);
  });

  test('nothing inside the server knows an edge, but the composition root', () => {
    const inner = (path: string) =>
      path.startsWith('server/src/') &&
      !/^server\/src\/(?:http|trpc)\/|^server\/src\/(?:app\/[^/]+|main)\.ts$/.test(path);
    expect(offences(inner, targets(/^server\/src\/(?:http|trpc)\//))).toEqual([]);
  });

  test('the SDK takes from the server types only', () => {
    const valueFromServer = (statement: ImportStatement) =>
      (statement.target?.startsWith('server/') ?? false) && !statement.typeOnly;
    expect(offences(inside('client-sdk/src/'), valueFromServer)).toEqual([]);
  });

  test('the SDK outside its command line runs in a browser: it imports nothing of Node', () => {
    const library = (path: string) =>
      path.startsWith('client-sdk/src/') && !path.startsWith('client-sdk/src/cli/');
    expect(offences(library, (statement) => statement.specifier.startsWith('node:'))).toEqual([]);
  });

  test('the console uses the SDK and the shared schemas only', () => {
    expect(
      offences(inside('server/console/src/'), targets(/^server\/src\/|^client-sdk\/src\/(?!index\.ts$)/)),
    ).toEqual([]);
  });

  test('nothing imports the tests', () => {
    expect(offences((path) => !path.startsWith('test/'), targets(/^test\//))).toEqual([]);
  });

  test('there are no cycles', () => {
    expect(findCycle(tree)).toEqual([]);
  });
});

function findCycle(files: readonly SourceFile[]): readonly string[] {
  const edges = new Map(files.map((file) => [file.path, targetsOf(file)]));
  const finished = new Set<string>();
  const walk = (path: string, trail: readonly string[]): readonly string[] => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (finished.has(path)) return [];
    for (const next of edges.get(path) ?? []) {
      const cycle = walk(next, [...trail, path]);
      if (cycle.length > 0) return cycle;
    }
    finished.add(path);
    return [];
  };
  for (const path of edges.keys()) {
    const cycle = walk(path, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

function targetsOf(file: SourceFile): string[] {
  return file.imports.flatMap((statement) => (statement.target === undefined ? [] : [statement.target]));
}
