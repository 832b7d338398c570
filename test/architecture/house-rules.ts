import { dirname } from 'node:path';
import { codeOf, type SourceFile } from '../support/source-tree.js';
import { fileOffences, plant, type ArchitectureRule } from './rule.js';

const LINES_MAX = 300;
const FOLDER_FILES_MAX = 30;

/** The sources without their tests. Folders of tests grow with what they test. */
const isSource = (path: string): boolean => !path.startsWith('test/');
const everywhere = (): boolean => true;

function crowdedFolders(tree: readonly SourceFile[]): string[] {
  const counts = new Map<string, number>();
  for (const { path } of tree.filter((file) => isSource(file.path))) {
    counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > FOLDER_FILES_MAX)
    .map(([folder, count]) => `${folder} holds ${count} files: is it one idea?`);
}

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
    title: `no folder of the sources holds more than ${FOLDER_FILES_MAX} files`,
    offences: crowdedFolders,
    planted: [
      Array.from({ length: FOLDER_FILES_MAX + 1 }, (_, index) =>
        plant(`server/src/planted/planted-${index}.ts`, ''),
      ).flat(),
    ],
  },
  {
    title: 'there are no drawers: utils, helpers, common, misc, types',
    offences: fileOffences(everywhere, ({ path }) =>
      /\/(?:utils?|helpers?|common|misc|types)(?:\.tsx?$|\/)/.test(path),
    ),
    planted: [plant('server/src/log/utils.ts', ''), plant('server/src/common/planted.ts', '')],
  },
  {
    title: 'file names are kebab-case',
    offences: fileOffences(everywhere, ({ path }) => !/\/[a-z0-9]+(?:[-.][a-z0-9]+)*\.tsx?$/.test(path)),
    planted: [plant('server/src/log/plantedFile.ts', '')],
  },
  {
    title: 'only the index of the SDK re-exports',
    offences: fileOffences(
      (path) => isSource(path) && !/^client-sdk\/src\/(?:index|react|testing|trpc)\.ts$/.test(path),
      ({ text }) => /^export (?:type )?(?:\*|\{[^}]*\}) from /m.test(text),
    ),
    planted: [plant('server/src/log/planted.ts', "export * from './log-store.js';\n")],
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
    title: 'the environment is read in one file of the server, and by the command line',
    offences: fileOffences(
      (path) => isSource(path) && !/^server\/src\/(?:main|config)\.ts$|^client-sdk\/src\/cli\//.test(path),
      (file) => /process\.env/.test(codeOf(file)),
    ),
    planted: [plant('server/src/log/planted.ts', 'export const home = process.env.HOME;\n')],
  },
  {
    title: 'the server asks a clock for the time',
    offences: fileOffences(
      (path) => path.startsWith('server/src/') && path !== 'server/src/clock.ts',
      (file) =>
        // `response.setTimeout` is no timer of ours: node:http watches the socket.
        /\bDate\.now\(|new Date\(\)|performance\.now\(|(?<!\bresponse\.)\bsetTimeout\(|\bsetInterval\(/.test(
          codeOf(file),
        ),
    ),
    planted: [plant('server/src/log/planted.ts', 'export const now = (): number => Date.now();\n')],
  },
  {
    title: 'nothing is left open',
    offences: fileOffences(
      (path) => !path.startsWith('test/architecture/'),
      ({ text }) => /\b(?:TODO|FIXME|XXX)\b|not implemented|\.(?:skip|only)\(/.test(text),
    ),
    planted: [plant('server/src/log/planted.ts', '// TODO: later\n')],
  },
];
