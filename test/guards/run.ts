import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { guardedFiles } from './guarded-files.js';
import { readGuardOptions } from './guard-options.js';
import type { GuardOptions } from './guard-options.js';
import { switchRefusals } from './refusal-sites.js';
import type { RefusalSite } from './site-finder.js';
import type { Outcome } from './trial-files.js';
import { planned } from './trial-plan.js';
import { TrialRun } from './trial-run.js';

/** From `test/guards/dist`. */
const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = join(root, '.cache', 'guards');
const MINUTE_MS = 60_000;
/** Most refusals are missed by the first files; the others are tried with more. */
const WIDTHS = [2, 6, 16];
/** How often a plan is made again for what its processes did not decide. */
const ROUNDS_MAX = 8;

async function main(options: GuardOptions): Promise<number> {
  const endsAtMs = Date.now() + options.minutes * MINUTE_MS;
  if (!options.resume) rmSync(folder, { recursive: true, force: true });
  const run = await TrialRun.start(root, folder, options.workers);
  try {
    const justified = readJustified();
    const all = refusalSites();
    const isOpen = ({ id }: RefusalSite) =>
      !(id in justified) && killedBy(run.files.outcomes(), id) === undefined;
    const sites = all
      .filter(({ file }) => options.only.length === 0 || options.only.some((path) => file.startsWith(path)))
      .filter((_, index) => index % options.sample === 0);
    const tests = await run.measured(options.tests);
    console.log(`${sites.length} of ${all.length} refusals, ${tests.length} files of tests`);
    for (const width of [...WIDTHS, options.files]) {
      for (let round = 0; round < ROUNDS_MAX && Date.now() < endsAtMs; round += 1) {
        const outcomes = run.files.outcomes();
        const plan = planned(sites.filter(isOpen), { tests, outcomes, width });
        if (plan.together.size + plan.alone.size === 0) break;
        await run.try(plan, tests, endsAtMs);
        print(sites, run.files.outcomes(), outcomes.length);
      }
    }
    return report(all, sites, { outcomes: run.files.outcomes(), justified });
  } finally {
    await run.close();
  }
}

function killedBy(outcomes: readonly Outcome[], id: string): Outcome | undefined {
  return outcomes.find((one) => one.id === id && one.by !== undefined);
}

function print(sites: readonly RefusalSite[], outcomes: readonly Outcome[], printed: number): void {
  for (const { id, file, by } of outcomes.slice(printed)) {
    if (by !== undefined) console.log(`missed    ${id}  by ${relative(root, file)}: ${by}`);
  }
  const missed = sites.filter(({ id }) => killedBy(outcomes, id) !== undefined).length;
  console.log(`${missed} of ${sites.length} are missed, ${outcomes.length} trials`);
}

function report(
  all: readonly RefusalSite[],
  sites: readonly RefusalSite[],
  { outcomes, justified }: { outcomes: readonly Outcome[]; justified: Readonly<Record<string, string>> },
): number {
  const tried = new Set(outcomes.map(({ id }) => id));
  const missed = new Set(outcomes.filter(({ by }) => by !== undefined).map(({ id }) => id));
  const open = all.filter(({ id }) => !missed.has(id) && !(id in justified));
  const survived = open.filter(({ id }) => tried.has(id)).map(({ id }) => id);
  const unreached = open.filter(({ id }) => !tried.has(id)).map(({ id }) => id);
  const counts = { refusals: all.length, missed: all.length - open.length, survived, notTried: unreached };
  writeFileSync(join(folder, 'results.json'), `${JSON.stringify(counts, undefined, 2)}\n`);
  const wanted = new Set(sites.map(({ id }) => id));
  for (const id of survived) if (wanted.has(id)) console.log(`SURVIVED  ${id}`);
  for (const id of unreached) if (wanted.has(id)) console.log(`UNREACHED ${id}`);
  const stale = Object.keys(justified).filter((id) => !all.some((site) => site.id === id));
  for (const id of stale) console.log(`STALE     ${id}: justified.json names a refusal that is gone`);
  console.log(
    `${missed.size} missed, ${survived.length} survived, ${unreached.length} not tried: see .cache/guards`,
  );
  return open.some(({ id }) => wanted.has(id)) || stale.length > 0 ? 1 : 0;
}

function refusalSites(): readonly RefusalSite[] {
  return guardedFiles(root).flatMap(
    (file) => switchRefusals(file, readFileSync(join(root, file), 'utf8')).sites,
  );
}

function readJustified(): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(join(root, 'test/guards/justified.json'), 'utf8')) as Record<string, string>;
}

process.exitCode = await main(readGuardOptions(process.argv.slice(2)));
