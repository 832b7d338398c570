import { execFileSync } from 'node:child_process';
import type { ExecFileSyncOptions } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildSdk, SDK_FOLDER } from '../support/built-sdk.js';
import { EdgeBehindNetwork } from '../support/edge-behind-network.js';
import { runNode } from '../support/node-run.js';
import { ADMIN_TOKEN } from '../support/server-edge.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const fixture = (name: string) => readFileSync(join(root, 'test/fixtures/outside-project', name), 'utf8');
const INSTALL_TIMEOUT_MS = 180_000;

let folder: string;
let packed: readonly string[];
let problems: string[] | undefined;

/** An outside project: it has nothing of this repository but the tarball. */
beforeAll(() => {
  buildSdk();
  folder = mkdtempSync(join(tmpdir(), 'launchlog-outside-'));
  const answer = run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: SDK_FOLDER,
  });
  const [tarball] = JSON.parse(answer) as { filename: string; files: { path: string }[] }[];
  if (tarball === undefined) throw new Error('npm packed nothing');
  packed = tarball.files.map((file) => file.path);
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'outside', private: true, type: 'module' }),
  );
  const npm = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  run('npm', [...npm, join(folder, tarball.filename)]);
  writeFileSync(join(folder, 'tsconfig.json'), fixture('tsconfig.json'));
  for (const name of ['uses-sdk.ts', 'misuses-sdk.ts'])
    writeFileSync(join(folder, name), fixture(`${name}.txt`));
  // The compiler and the types of Node are tools, not dependencies of the package.
  symlinkSync(join(root, 'node_modules/@types'), join(folder, 'node_modules/@types'));
}, INSTALL_TIMEOUT_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(command: string, args: readonly string[], options: ExecFileSyncOptions = {}): string {
  return execFileSync(command, args, { cwd: folder, stdio: 'pipe', ...options }).toString();
}

/** The compiler's errors in both programs. Runs once, because it is slow. */
function typeCheck(): string[] {
  problems ??= compile()
    .split('\n')
    .filter((line) => line.includes('error TS'));
  return problems;
}

function compile(): string {
  try {
    return run(process.execPath, [
      join(root, 'node_modules/typescript/bin/tsc'),
      '-p',
      '.',
      '--pretty',
      'false',
    ]);
  } catch (error) {
    return (error as { stdout: Buffer }).stdout.toString();
  }
}

describe('the published package', () => {
  test('contains the built files and the command, but no sources', () => {
    expect(packed).toEqual(
      expect.arrayContaining([
        'package.json',
        'README.md',
        'bin/launchlog.js',
        'dist/index.js',
        'dist/index.d.ts',
        'dist/cli.js',
        'dist/THIRD-PARTY-LICENSES.txt',
      ]),
    );
    expect(
      packed.filter(
        (path) =>
          !/^(?:package\.json|README\.md|LICENSE|bin\/launchlog\.js|dist\/THIRD-PARTY-LICENSES\.txt|dist\/[\w-]+(?:\.d)?\.[jt]s)$/.test(
            path,
          ),
      ),
    ).toEqual([]);
  });

  test('contains the licenses of the packages that are bundled into the command line', () => {
    const path = join(folder, 'node_modules/@launchlog/sdk/dist/THIRD-PARTY-LICENSES.txt');
    const licenses = readFileSync(path, 'utf8');
    for (const name of ['picocolors', 'string-width']) expect(licenses.split('\n')).toContain(name);
    expect(licenses.match(/^(?:MIT|ISC) License$/gm)?.length).toBeGreaterThanOrEqual(2);
  });

  test('imports no package of this repository in its code or its declarations', () => {
    for (const path of packed.filter((name) => name.startsWith('dist/'))) {
      const text = readFileSync(join(folder, 'node_modules/@launchlog/sdk', path), 'utf8');
      expect(text).not.toMatch(/from\s*["']@launchlog\/|import\(["']@launchlog\//);
    }
  });

  test('installs no dependency of the server: no database, no HTTP framework, no store', () => {
    const installed = readdirSync(join(folder, 'node_modules'));
    expect(installed).toEqual(expect.arrayContaining(['@launchlog', '@trpc', 'superjson', 'ws', 'zod']));
    expect(
      installed.filter((name) => /^(?:hono|ioredis|pg|pino|drizzle-orm|@electric-sql|@hono)$/.test(name)),
    ).toEqual([]);
    expect(readdirSync(join(folder, 'node_modules/@launchlog'))).toEqual(['sdk']);
  });

  test(
    'type-checks correct use strictly, including its own declarations, and infers the events',
    { timeout: 120_000 },
    () => {
      expect(typeCheck().filter((line) => !line.startsWith('misuses-sdk.ts('))).toEqual([]);
    },
  );

  test('documents fields and their units in an editor, and shows types by their names', () => {
    const path = join(folder, 'node_modules/@launchlog/sdk/dist/index.d.ts');
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
      writeFileSync(join(folder, 'run.mjs'), fixture('run.mjs.txt'));
      const environment = { LAUNCHLOG_URL: behind.url, LAUNCHLOG_TOKEN: ADMIN_TOKEN, NODE_ID: log.node.id };
      const program = runNode([join(folder, 'run.mjs')], { environment });
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
    expect(run(join(folder, 'node_modules/.bin/launchlog'), ['--version']).trim()).toBe('0.1.0');
  });
});
