import { dirname } from 'node:path';
import { codeOf, type SourceFile } from '../support/source/source-tree.js';
import { fileOffences, plant, type ArchitectureRule } from './rule.js';

const LINES_MAX = 300;
const FOLDER_FILES_MAX = 30;

const isSource = (path: string): boolean => !path.startsWith('test/');
const everywhere = (): boolean => true;

function crowdedFolders(tree: readonly SourceFile[]): string[] {
  const counts = new Map<string, number>();
  for (const { path } of tree) {
    counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > FOLDER_FILES_MAX)
    .map(([folder, count]) => `${folder} holds ${count} files: is it one idea?`);
}

/** Words for a folder or a file without an idea, as a whole word of the name. */
const DRAWER = /(?:^|[/.-])(?:utils?|helpers?|common|misc|stuff|types|lib)(?:[/.-]|$)/;
const KEBAB_CASE = /^[a-z0-9]+(?:[-.][a-z0-9]+)*$/;
const ENTRY_OF_THE_SDK = /^client-sdk\/src\/(?:index|react|testing|trpc)\.ts$/;
const ENTRY_OF_A_PROCESS = /^(?:server|client-sdk)\/src\/(?:cli\/)?main\.ts$/;

/** In code without comments and strings. `const { env } = process` reads the environment, and so does `process['env']`. */
const ENVIRONMENT =
  /\bprocess\s*(?:\?\.|\.|\?\.\[|\[)\s*(?:env\b|['"`])|\benv\b[^;=]*\}\s*=\s*(?:globalThis\.)?process\b|\bimport\.meta\.env\b/;
/** Also without a call: `const now = Date.now`. `response.setTimeout` is no timer of ours: node:http watches the socket. */
const TIME =
  /\bDate\.now\b|\bnew Date\b(?!\s*\(\s*[^\s)])|(?<!\bnew |[.\w])Date\(|\bperformance\.|(?<!\bresponse\.)\bset(?:Timeout|Interval)\b|\bAbortSignal\.timeout\b|\bprocess\.(?:hrtime|uptime)\b/;

/** What is to be done, what is not tried, and what the compiler may not see. */
const LEFT_OPEN =
  /\b(?:TODO|FIXME|XXX|HACK)\b|\b[Nn]ot (?:yet )?implemented|@ts-(?:ignore|nocheck|expect-error)|\b(?:describe|test|it)\.(?:skip|only|todo|fails)\b|\b(?:skip|only|todo|fails): true|\.(?:skipIf\(true|runIf\(false)\b/;

/** Files whose exports a program reads: the public index, the bin script, Vite, Vitest. */
const ENTRY_POINT =
  /^client-sdk\/src\/(?:index|react|testing|trpc|no-web-socket|cli\/main)\.ts$|\/(?:vitest|vite|tsdown)\.config\.ts$|^test\/skypilot\/skypilot-venv\.ts$|^test\/real\/real-parts\.ts$|^test\/guards\/trial-runner\.ts$/;

function unusedExports(tree: readonly SourceFile[]): string[] {
  const imported = new Set(
    tree.flatMap(({ imports }) =>
      imports.flatMap(({ target, names }) => names.map((name) => `${target} ${name}`)),
    ),
  );
  return tree
    .filter(({ path }) => !ENTRY_POINT.test(path))
    .flatMap(({ path, exports }) =>
      exports
        .filter((name) => !imported.has(`${path} ${name}`) && !imported.has(`${path} *`))
        .map((name) => `${path} exports ${name}, which no other file imports`),
    );
}

/** The house rules that a machine can hold. */
export const HOUSE_RULES: readonly ArchitectureRule[] = [
  {
    title: `no file is longer than ${LINES_MAX} lines`,
    offences: fileOffences(everywhere, ({ lines }) => lines > LINES_MAX),
    planted: [plant('shared/src/planted.ts', '\n'.repeat(LINES_MAX + 1))],
  },
  {
    title: `no folder holds more than ${FOLDER_FILES_MAX} files`,
    offences: crowdedFolders,
    planted: ['server/src/planted', 'test/support/planted', 'test/contract/planted'].map((folder) =>
      Array.from({ length: FOLDER_FILES_MAX + 1 }, (_, index) =>
        plant(`${folder}/planted-${index}.ts`, ''),
      ).flat(),
    ),
  },
  {
    title: 'there are no drawers: utils, helpers, common, misc, types',
    offences: fileOffences(everywhere, ({ path }) => DRAWER.test(path)),
    planted: [
      plant('server/src/log/utils.ts', ''),
      plant('server/src/common/planted.ts', ''),
      plant('shared/src/log-types.ts', ''),
      plant('test/support/string-helpers.ts', ''),
    ],
  },
  {
    title: 'names of files and folders are kebab-case',
    offences: fileOffences(everywhere, ({ path }) => !path.split('/').every((name) => KEBAB_CASE.test(name))),
    planted: [
      plant('server/src/log/plantedFile.ts', ''),
      plant('server/src/log/planted_file.ts', ''),
      plant('server/src/log/plantedFolder/planted.ts', ''),
    ],
  },
  {
    title: 'only the entries of the SDK re-export',
    offences: fileOffences(
      (path) => !ENTRY_OF_THE_SDK.test(path),
      ({ reExports }) => reExports.length > 0,
    ),
    planted: [
      plant('server/src/log/planted.ts', "export * from './log-store.js';\n"),
      plant('test/support/planted.ts', "export type { Deadline } from './within.js';\n"),
      plant(
        'server/src/log/planted.ts',
        "import { LogStore as Store } from './log-store.js';\nexport { Store as LogStore };\n",
      ),
    ],
  },
  {
    title: 'every export is imported by another file',
    offences: unusedExports,
    planted: [
      plant('server/src/log/planted.ts', 'export interface PlantedOptions {}\n'),
      plant('shared/src/planted.ts', 'export const { planted } = { planted: 1 };\n'),
    ],
  },
  {
    title: 'the environment is read where a process begins, and passed on',
    offences: fileOffences(
      (path) => isSource(path) && !ENTRY_OF_A_PROCESS.test(path),
      (file) => /\benv\b/.test(file.text) && ENVIRONMENT.test(codeOf(file)),
    ),
    planted: [
      'const home = process.env.HOME;',
      "const home = process['env'].HOME;",
      'const home = process?.env.HOME;',
      'const { env } = process;',
      "const opening = '/*'; const home = process.env.HOME;",
      'const mode = import.meta.env.MODE;',
    ].map((line) => plant('server/src/log/planted.ts', `${line}\n`)),
  },
  {
    title: 'the server asks a clock for the time',
    offences: fileOffences(
      (path) => path.startsWith('server/src/') && path !== 'server/src/clock.ts',
      (file) => /Date|performance|process|Signal|set[TI]/.test(file.text) && TIME.test(codeOf(file)),
    ),
    planted: [
      'const now = Date.now();',
      'const { now } = { now: Date.now };',
      'const now = new Date();',
      'const now = +new Date;',
      'const now = performance.now();',
      'const now = process.hrtime.bigint();',
      'const later = { in: setTimeout };',
      'const signal = AbortSignal.timeout(5_000);',
    ].map((line) => plant('server/src/log/planted.ts', `${line}\n`)),
  },
  {
    title: 'the server is given its random numbers',
    offences: fileOffences(
      (path) => path.startsWith('server/src/'),
      (file) => /\bMath\.random\(/.test(codeOf(file)),
    ),
    planted: [plant('server/src/log/planted.ts', 'const jitter = Math.random();\n')],
  },
  {
    title: 'nothing is left open',
    offences: fileOffences(
      (path) => !path.startsWith('test/architecture/'),
      ({ text }) => LEFT_OPEN.test(text),
    ),
    planted: [
      '// TODO: later',
      "throw new Error('Not implemented');",
      "test.todo('later');",
      "test.only.each([1])('alone', () => {});",
      "test('later', { skip: true }, () => {});",
      "describe.skipIf(true)('later', () => {});",
      '// @ts-expect-error the type is wrong',
    ].map((line) => plant('server/src/log/planted.ts', `${line}\n`)),
  },
];
