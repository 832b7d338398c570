import { basename, dirname } from 'node:path';
import type { RefusalSite } from './site-finder.js';
import type { Outcome, Reached } from './trial-files.js';

/** A file of tests, and the refusals that it reaches. */
export interface MeasuredFile {
  readonly path: string;
  readonly measured: Reached;
  readonly reached: ReadonlySet<string>;
}

/** After this many undecided trials of a refusal, a file of tests tries it in a process of its own. */
const UNSURE_MAX = 2;

interface PlanOptions {
  readonly tests: readonly MeasuredFile[];
  readonly outcomes: readonly Outcome[];
  /** The most files for one refusal. */
  readonly width: number;
}

/** What is left to try, by the path of the file of tests; `alone` where a refusal needs a process of its own. */
export interface Plan {
  readonly together: ReadonlyMap<string, readonly string[]>;
  readonly alone: ReadonlyMap<string, string>;
}

export function planned(sites: readonly RefusalSite[], { tests, outcomes, width }: PlanOptions): Plan {
  const together = new Map<string, string[]>();
  const alone = new Map<string, string>();
  const byPair = new Map<string, Outcome[]>();
  for (const outcome of outcomes) {
    const pair = `${outcome.file} ${outcome.id}`;
    byPair.set(pair, [...(byPair.get(pair) ?? []), outcome]);
  }
  for (const site of sites) {
    const { id } = site;
    for (const { path, measured } of likeliest(site, tests, outcomes).slice(0, width)) {
      const noted = (byPair.get(`${path} ${id}`) ?? []).filter(({ atMs }) => atMs >= measured.measuredAtMs);
      if (noted.some(({ isUnsure }) => isUnsure !== true)) continue;
      if (noted.length >= UNSURE_MAX) alone.set(path, id);
      // A fresh process first tries what an older one did not decide.
      else if (noted.length > 0) together.set(path, [id, ...(together.get(path) ?? [])]);
      else together.set(path, [...(together.get(path) ?? []), id]);
    }
  }
  return { together, alone };
}

/**
 * Those that reach the refusal, the likeliest to miss it first. Two orders take turns: files that missed others of its source or are
 * named after it, and files that reach the least, which look at little else. Either alone leaves refusals to files that pass them by.
 */
function likeliest(
  { file, id }: RefusalSite,
  tests: readonly MeasuredFile[],
  outcomes: readonly Outcome[],
): readonly MeasuredFile[] {
  const missing = outcomes.filter((one) => one.by !== undefined && one.id.startsWith(`${file}#`));
  const kinship = ({ path }: MeasuredFile): number => {
    if (path.includes(basename(file, '.ts'))) return Number.MAX_SAFE_INTEGER;
    const missedOthers = missing.filter((one) => one.file === path).length;
    return missedOthers > 0 || !path.includes(`/${basename(dirname(file))}/`) ? missedOthers : 0.5;
  };
  const reaching = tests.filter(({ reached }) => reached.has(id));
  const kindred = reaching.toSorted((one, other) => kinship(other) - kinship(one) || leastFirst(one, other));
  const narrow = reaching.toSorted(leastFirst);
  return [...new Set(narrow.flatMap((file, index) => [kindred[index] ?? file, file]))];
}

function leastFirst(one: MeasuredFile, other: MeasuredFile): number {
  return one.reached.size - other.reached.size || one.measured.ms - other.measured.ms;
}
