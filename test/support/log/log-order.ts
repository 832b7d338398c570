import type { LogEntry } from '@launchlog/shared/log-entry';
import { isTerminalPhase, phaseRank, PROGRESS_BANDS } from '@launchlog/shared/phase';

/**
 * What is wrong with a launch's log: holes, phases or progress that go back, progress outside its phase's band, an
 * entry after the terminal one. Empty for a good one.
 */
export function disorderOf(entries: readonly LogEntry[]): string[] {
  const problems: string[] = [];
  let before: LogEntry | undefined;
  let progress = 0;
  for (const [index, entry] of entries.entries()) {
    const says = (problem: string) =>
      problems.push(`entry ${entry.seq} ${problem}: ${JSON.stringify(entry)}`);
    if (entry.seq !== index + 1) says(`stands at place ${index + 1}`);
    if (before !== undefined && phaseRank(entry.phase) < phaseRank(before.phase)) says('goes back in phase');
    if (before !== undefined && isTerminalPhase(before.phase)) says('follows the terminal entry');
    if (entry.progress !== undefined) {
      if (entry.progress < progress) says('goes back in progress');
      progress = entry.progress;
      const band = entry.phase === 'failed' ? { from: 0, to: 100 } : PROGRESS_BANDS[entry.phase];
      if (progress < band.from || progress > band.to) says('has progress outside its band');
    }
    before = entry;
  }
  return problems;
}
