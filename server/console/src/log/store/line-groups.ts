import type { LogLine } from '../line/log-row.js';
import { isPackageLine } from '../line/package-line.js';
import { progressBarKey } from '../line/progress-bar.js';

/** The number of consecutive lines about packages that make a list, which can be folded. */
const PACKAGE_LINES_MIN = 8;

interface LastLine {
  readonly line: LogLine;
  /** The lines of a run that is too short for a list as yet. */
  readonly run: readonly LogLine[];
}

/** Names the groups of each line as it arrives: the run of one phase, and the list of packages. */
export class LineGroups {
  #last: LastLine | undefined;

  /** Returns whether earlier lines have become part of a list. */
  add(line: LogLine): boolean {
    const last = this.#last?.line.entry.phase === line.entry.phase ? this.#last : undefined;
    line.phaseGroup = last?.line.phaseGroup ?? line.id;
    const run = runOf(line, last);
    const isList = run.length >= PACKAGE_LINES_MIN;
    if (isList) for (const member of run) member.packageGroup = run[0]?.id ?? line.id;
    this.#last = { line, run: isList ? [] : run };
    return isList;
  }
}

/** The run that the line continues; empty if it is no line of a run, or continues a list. */
function runOf(line: LogLine, last: LastLine | undefined): readonly LogLine[] {
  const { level } = line.entry;
  if (level !== 'info' && level !== 'debug') return [];
  const group = last?.line.packageGroup ?? 0;
  const run = last?.run ?? [];
  const isBarWithin = (group > 0 || run.length > 0) && progressBarKey(line.text) !== undefined;
  if (!isBarWithin && !isPackageLine(line.text)) return [];
  if (group === 0) return [...run, line];
  line.packageGroup = group;
  return [];
}
