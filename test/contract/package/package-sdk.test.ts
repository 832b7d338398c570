import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EdgeBehindNetwork } from '../../support/server/edge-behind-network.js';
import { runNode } from '../../support/process/node-run.js';
import { declaredFields, unexplained } from '../../support/source/declared-fields.js';
import { OutsideProject } from '../../support/package/outside-project.js';
import { ADMIN_TOKEN } from '../../support/server/server-edge.js';
import { BUILD_MS } from '../../support/within.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const fixture = (name: string) => readFileSync(join(root, 'test/fixtures/outside-project', name), 'utf8');

let project: OutsideProject;
let problems: string[] | undefined;

beforeAll(() => {
  project = OutsideProject.create();
  project.write('tsconfig.json', fixture('tsconfig.json'));
  for (const name of ['uses-sdk.ts', 'misuses-sdk.ts']) project.write(name, fixture(`${name}.txt`));
}, BUILD_MS);

afterAll(() => project.remove());

/** The compiler's errors in both programs. Runs once, because it is slow. */
function typeCheck(): string[] {
  problems ??= project.typeCheck();
  return problems;
}

describe('the published package', () => {
  test('contains the built files and the command, but no sources', () => {
    expect(project.packed).toEqual(
      expect.arrayContaining([
        'package.json',
        'README.md',
        'bin/launchlog.js',
        'dist/index.js',
        'dist/index.cjs',
        'dist/index.d.ts',
        'dist/index.d.cts',
        'dist/cli.js',
        'dist/THIRD-PARTY-LICENSES.txt',
      ]),
    );
    expect(
      project.packed.filter(
        (path) =>
          !/^(?:package\.json|README\.md|LICENSE|bin\/launchlog\.js|dist\/(?:THIRD-PARTY-LICENSES\.txt|inlined-packages\.json)|dist\/[\w-]+(?:\.d)?\.c?[jt]s)$/.test(
            path,
          ),
      ),
    ).toEqual([]);
  });

  test('contains the licenses of the packages that are bundled into it', () => {
    const licenses = project.read('dist/THIRD-PARTY-LICENSES.txt');
    const lines = licenses.split('\n');
    for (const name of ['@trpc/client', 'commander', 'picocolors', 'ws', 'zod'])
      expect(lines).toContain(name);
    expect(licenses.match(/^(?:The )?(?:MIT|ISC) License/gim)?.length).toBeGreaterThanOrEqual(5);
  });

  test('imports no package in its declarations, and only modules of Node in its code', () => {
    for (const path of project.packed.filter((name) => /^dist\/(?!trpc).*\.c?[jt]s$/.test(name))) {
      const text = project.read(path);
      const imported = [...text.matchAll(/^(?:import|export)\b[^;'"]*from\s*['"]([^'"]+)['"]/gm)];
      const named = imported.map(([, name = '']) => name).filter((name) => !name.startsWith('.'));
      const peers = path.startsWith('dist/react.') ? ['react'] : [];
      const foreign = named.filter((name) => !name.startsWith('node:') && !peers.includes(name));
      expect([path, foreign]).toEqual([path, []]);
    }
  });

  test('installs nothing but itself: no compiler, no schema library, nothing of the server', () => {
    expect(project.installed()).toEqual(['@launchlog/sdk']);
  });

  test(
    'type-checks correct use strictly, including its own declarations, and infers the events',
    { timeout: 120_000 },
    () => {
      expect(typeCheck().filter((line) => !line.startsWith('misuses-sdk.ts('))).toEqual([]);
    },
  );

  test('explains every field in an editor, with the unit of each number and a value of each text', () => {
    const files = project.packed.filter((name) => /^dist\/(?!trpc).*\.d\.ts$/.test(name));
    const fields = files.flatMap((name) => declaredFields(project.read(name)));
    expect(fields.length).toBeGreaterThan(500);
    expect(fields.flatMap((field) => unexplained(field) ?? [])).toEqual([]);
    const planted = declaredFields(
      [
        'interface A {',
        'one: string;',
        '/** A size. */',
        'two: number;',
        '/** Seconds. */',
        'three: number;',
        '/** Seconds. Example: `3`. */',
        'four: number;',
        'b(): void;',
        '}',
      ].join('\n'),
    );
    expect(planted.flatMap((field) => unexplained(field) ?? [])).toEqual([
      'A.one has no comment',
      'A.two names no unit:  A size. ',
      'A.three shows no value:  Seconds. ',
      'A.b has no comment',
    ]);
  });

  test('documents fields and their units in an editor, and shows types by their names', () => {
    const path = project.pathOf('dist/index.d.ts');
    const program = ts.createProgram([path], {
      strict: true,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      types: [],
    });
    const checker = program.getTypeChecker();
    const file = program.getSourceFile(path);
    const module = file && checker.getSymbolAtLocation(file);
    if (module === undefined) throw new Error('the declarations are not a module');
    const field = (typeName: string, name: string) => {
      const found = checker.getExportsOfModule(module).find((symbol) => symbol.name === typeName);
      const type = found && checker.getDeclaredTypeOfSymbol(checker.getAliasedSymbol(found));
      const property = type?.getProperty(name);
      if (property === undefined) throw new Error(`${typeName} has no field ${name}`);
      return {
        type: checker.typeToString(checker.getTypeOfSymbol(property)),
        comment: ts.displayPartsToString(property.getDocumentationComment(checker)),
      };
    };
    expect(field('LaunchRequestInput', 'diskSize').comment).toMatch(/^GB\b/);
    expect(field('Node', 'pricePerHour').comment).toMatch(/^US dollars per hour/);
    expect(field('LaunchMetricsGroup', 'launchSeconds').comment).toMatch(
      /^Seconds of successful launches from the request/,
    );
    expect(field('LogQueryInput', 'regex').comment).toMatch(/^RE2 expression/);
    expect(field('LaunchlogClientOptions', 'requestTimeoutMs').comment).toMatch(/milliseconds/);
    expect(field('LaunchResult', 'node').type).toBe('Node');
    expect(field('LogPage', 'logs').type).toBe('readonly LogEntry[]');
  });

  test('refuses each mistake of a caller at compile time', { timeout: 120_000 }, () => {
    const wrong = fixture('misuses-sdk.ts.txt')
      .split('\n')
      .flatMap((line, index) => (line.endsWith('// wrong') ? [index + 1] : []));
    const refused = typeCheck().flatMap((line) => /^misuses-sdk\.ts\((\d+),/.exec(line)?.[1] ?? []);
    expect([...new Set(refused.map(Number))].toSorted((one, other) => one - other)).toEqual(wrong);
  });

  test('launches and follows with a server, in a process that ends by itself', async () => {
    const behind = await EdgeBehindNetwork.start();
    try {
      const log = await behind.addNode();
      await log.append(3);
      await log.end('active', 'ready');
      const path = project.write('run.mjs', fixture('run.mjs.txt'));
      const environment = { LAUNCHLOG_URL: behind.url, LAUNCHLOG_TOKEN: ADMIN_TOKEN, NODE_ID: log.node.id };
      const program = runNode([path], { environment });
      expect([await program.exitCode, program.stderr()]).toEqual([0, '']);
      expect(JSON.parse(program.stdout())).toEqual({
        launched: 'launching',
        messages: ['line 1', 'line 2', 'line 3', 'ready'],
        refused: { name: 'LaunchlogApiError', code: 'node_not_found', status: 404, retryable: false },
      });
    } finally {
      await behind.close();
    }
  });

  test('installs the command launchlog', () => {
    expect(project.run('node_modules/.bin/launchlog', ['--version']).trim()).toBe('0.1.0');
  });
});
