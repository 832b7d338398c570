import { LOG_LEVELS, LOG_SOURCES } from '@launchlog/shared/log-entry';
import { PHASES } from '@launchlog/shared/phase';
import { plainHeading } from '../entry/entry-heading.js';
import { isDamagedLine } from './damaged-line.js';
import type { LogFault } from './log-fault.js';
import { isUnreadable } from '../log-record.js';
import type { LogSlice } from '../log-store.js';

const WORDS = {
  level: new Set<unknown>(LOG_LEVELS),
  source: new Set<unknown>(LOG_SOURCES),
  phase: new Set<unknown>(PHASES),
} as const;

/**
 * Finds what is wrong with the lines that a log store has read: the first one that is no entry, and words that this release
 * does not know. Plain entries, which nearly all lines are, are not parsed.
 */
export function faultsOfLines({ linesFrom, lines }: Pick<LogSlice, 'linesFrom' | 'lines'>): LogFault[] {
  const faults: LogFault[] = [];
  let unreadable = false;
  for (const [index, line] of lines.entries()) {
    const seq = linesFrom + index;
    if (plainHeading(line, seq) !== undefined || isDamagedLine(line)) continue;
    if (isUnreadable(seq, line)) {
      if (!unreadable) faults.push({ field: 'entry', found: `${seq}: ${line}` });
      unreadable = true;
    } else faults.push(...unknownWords(line));
  }
  return faults;
}

function unknownWords(line: string): LogFault[] {
  const entry = JSON.parse(line) as Readonly<Record<string, unknown>>;
  return (Object.keys(WORDS) as (keyof typeof WORDS)[]).flatMap((field) => {
    const word = entry[field];
    return typeof word === 'string' && !WORDS[field].has(word) ? [{ field, found: word }] : [];
  });
}
