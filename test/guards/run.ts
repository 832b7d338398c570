import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVitest } from 'vitest/node';
import type { TestModule, Vitest } from 'vitest/node';
import { guardedFiles } from './guarded-files.js';
import { readGuardOptions } from './guard-options.js';
import type { GuardOptions } from './guard-options.js';
import { switchRefusals } from './refusal-sites.js';
import type { RefusalSite } from './refusal-sites.js';

/** From `test/guards/dist`. */
const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = join(root, '.cache', 'guards');
const reachedFolder = join(folder, 'reached');
const outcomesFile = join(folder, 'outcomes.json');
const justifiedFile = join(root, 'test/guards/justified.json');
const MINUTE_MS = 60_000;

/** The test that fails while a refusal is switched off; undefined where none does. */
type Outcomes = Record<string, string | null>;

interface TestFile {
  readonly path: string;
  readonly ms: number;
  readonly reached: ReadonlySet<string>;
}

async function main({ only, sample, minutes, resume, files: filesMax }: GuardOptions): Promise<number> {
  const endsAt = Date.now() + minutes * MINUTE_MS;
  if (!resume) rmSync(folder, { recursive: true, force: true });
  mkdirSync(reachedFolder, { recursive: true });
  const justified = readJson<Record<string, string>>(justifiedFile, {});
  const all = refusalSites();
  const sites = all
    .filter(({ file }) => only.length === 0 || only.some((path) => file.startsWith(path)))
    .filter((_, index) => index % sample === 0);
  const stale = Object.keys(justified).filter((id) => !all.some((site) => site.id === id));
  for (const id of stale)
    console.log(`STALE     ${id}: test/guards/justified.json names a refusal that is gone`);
  const outcomes = readJson<Outcomes>(outcomesFile, {});
  const tests = await measured();
  console.log(`${sites.length} of ${all.length} refusals, ${tests.length} files of tests`);
  for (const site of sites) {
    if (site.id in justified || typeof outcomes[site.id] === 'string') continue;
    if (Date.now() > endsAt) break;
    outcomes[site.id] = (await missedBy(site, testsFor(site, tests, outcomes).slice(0, filesMax))) ?? null;
    writeFileSync(outcomesFile, JSON.stringify(outcomes, undefined, 1));
    const by = outcomes[site.id];
    console.log(by === null ? `SURVIVED  ${site.id}  (line ${site.line})` : `missed    ${site.id}  by ${by}`);
  }
  return summary(sites, outcomes, { justified, stale: stale.length });
}

function summary(
  sites: readonly RefusalSite[],
  outcomes: Outcomes,
  { justified, stale }: { readonly justified: Record<string, string>; readonly stale: number },
): number {
  const open = sites.filter(({ id }) => !(id in justified));
  const missed = open.filter(({ id }) => typeof outcomes[id] === 'string');
  const survived = open.filter(({ id }) => outcomes[id] === null);
  const untried = open.length - missed.length - survived.length;
  console.log(
    `\n${missed.length} missed by a test, ${survived.length} survived, ` +
      `${sites.length - open.length} justified, ${untried} not tried${untried > 0 ? ' (continue with --resume)' : ''}`,
  );
  for (const { id, line } of survived) console.log(`SURVIVED  ${id}  (line ${line})`);
  return survived.length + stale > 0 ? 1 : 0;
}

function refusalSites(): readonly RefusalSite[] {
  return guardedFiles(root).flatMap(
    (file) => switchRefusals(file, readFileSync(join(root, file), 'utf8')).sites,
  );
}

/** Runs every file of tests once, and finds what each one reaches. They must all succeed. */
async function measured(): Promise<readonly TestFile[]> {
  const timesFile = join(folder, 'times.json');
  if (!existsSync(timesFile)) {
    const times = await withVitest(undefined, async (vitest) => {
      const { testModules } = await vitest.runTestSpecifications(await vitest.globTestSpecifications());
      const failed = testModules.filter((module) => !module.ok());
      for (const module of failed)
        console.log(
          `IGNORED   ${nameOf(module)}: it fails with every refusal in place: ${failureOf(module) ?? ''}`,
        );
      const sound = testModules.filter((module) => module.ok());
      return sound.map((module) => [module.moduleId, Math.round(module.diagnostic().duration)] as const);
    });
    writeFileSync(timesFile, JSON.stringify(Object.fromEntries(times)));
  }
  const times = readJson<Record<string, number>>(timesFile, {});
  const reached = new Map(
    readdirSync(reachedFolder, { encoding: 'utf8' })
      .filter((name) => name.endsWith('.json'))
      .map((name) => [
        decodeURIComponent(basename(name, '.json')),
        new Set(readJson<readonly string[]>(join(reachedFolder, name), [])),
      ]),
  );
  return Object.entries(times).map(([path, ms]) => ({ path, ms, reached: reached.get(path) ?? new Set() }));
}

/**
 * Those that reach the refusal, the likeliest to miss it first: those that missed others of its file, those named after it or its
 * folder, and those that reach little else.
 */
function testsFor(
  { file, id }: RefusalSite,
  tests: readonly TestFile[],
  outcomes: Outcomes,
): readonly TestFile[] {
  const name = basename(file, '.ts');
  const missing = Object.entries(outcomes).flatMap(([other, by]) =>
    other.startsWith(`${file}#`) ? [by ?? ''] : [],
  );
  const rank = ({ path, reached }: TestFile): number => {
    const missedOthers = missing.filter((by) => by.startsWith(`${relative(root, path)}:`)).length;
    if (missedOthers > 0) return -2 - missedOthers;
    if (path.includes(name)) return -1;
    // Patterns and rows are reached by whoever loads their file.
    return path.includes(`/${basename(dirname(file))}/`) ? 0 : reached.size;
  };
  return tests
    .filter(({ reached }) => reached.has(id))
    .toSorted((one, other) => rank(one) - rank(other) || one.ms - other.ms);
}

/** The first test that fails without the refusal. */
async function missedBy({ id }: RefusalSite, tests: readonly TestFile[]): Promise<string | undefined> {
  return withVitest(id, async (vitest) => {
    for (const { path } of tests) {
      const specifications = await vitest.globTestSpecifications([path]);
      const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications);
      // The answer also holds what former runs found in other files.
      const module = testModules.find(({ moduleId }) => moduleId === path);
      if (module?.ok() === false) return `${nameOf(module)}: ${failureOf(module) ?? 'it does not load'}`;
      if (unhandledErrors.length > 0) return `${relative(root, path)}: an unhandled error`;
    }
    return undefined;
  });
}

let running: Vitest | undefined;

/** One Vitest serves all runs, so that the sources are transformed once. */
async function withVitest<Result>(
  off: string | undefined,
  work: (vitest: Vitest) => Promise<Result>,
): Promise<Result> {
  writeFileSync(join(reachedFolder, 'off'), off ?? '');
  process.env['GUARDS_FOLDER'] = reachedFolder;
  running ??= await createVitest('test', {
    root: join(root, 'test'),
    config: join(root, 'test/guards/vitest.config.ts'),
    watch: false,
    bail: 0,
    reporters: [{}],
    maxWorkers: Number(process.env['GUARDS_WORKERS'] ?? 2),
  });
  try {
    return await work(running);
  } finally {
    rmSync(join(reachedFolder, 'off'));
  }
}

function nameOf(module: TestModule): string {
  return relative(root, module.moduleId);
}

function failureOf(module: TestModule): string | undefined {
  for (const test of module.children.allTests('failed')) return test.fullName;
  return undefined;
}

function readJson<Value>(path: string, otherwise: Value): Value {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Value) : otherwise;
}

process.exitCode = await main(readGuardOptions(process.argv.slice(2)));
await running?.close();
