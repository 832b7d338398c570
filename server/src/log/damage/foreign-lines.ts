import { LOG_LEVELS, LOG_SOURCES } from '@launchlog/shared/log-entry';
import { PHASES } from '@launchlog/shared/phase';
import { isDamagedLine } from './damaged-line.js';
import type { LogFault } from './log-fault.js';
import { isUnreadable } from '../log-record.js';
import type { LogSlice } from '../log-store.js';

const WORDS = {
  level: new Set<unknown>(LOG_LEVELS),
  source: new Set<unknown>(LOG_SOURCES),
  phase: new Set<unknown>(PHASES),
} as const;
const HEAD = /^\{"seq":(\d+),"timestamp":"[^"\\]{10,40}","level":"([a-z]+)","message":"/;
/** A quotation mark inside the message is escaped, so that the first one without it ends the message. */
const MESSAGE_END = '","phase":"';
const TAIL = /","phase":"([a-z_]+)","source":"([a-z_]+)"(?:\}$|,"(?:progress|details)":.*\}$)/y;

/**
 * Finds what is wrong with the lines that a log store has read: the first one that is no entry, and words that this release
 * does not know. Lines as our own writers render them cost a look at both ends; only others are parsed.
 */
export function faultsOfLines({ linesFrom, lines }: Pick<LogSlice, 'linesFrom' | 'lines'>): LogFault[] {
  const faults: LogFault[] = [];
  let unreadable = false;
  for (const [index, line] of lines.entries()) {
    const seq = linesFrom + index;
    if (isOurs(seq, line) || isDamagedLine(line)) continue;
    if (isUnreadable(seq, line)) {
      if (!unreadable) faults.push({ field: 'entry', found: `${seq}: ${line}` });
      unreadable = true;
    } else faults.push(...unknownWords(line));
  }
  return faults;
}

function isOurs(seq: number, line: string): boolean {
  const head = HEAD.exec(line);
  if (head === null || Number(head[1]) !== seq || !WORDS.level.has(head[2])) return false;
  TAIL.lastIndex = line.indexOf(MESSAGE_END, head[0].length);
  if (TAIL.lastIndex < 0) return false;
  const tail = TAIL.exec(line);
  return tail !== null && WORDS.phase.has(tail[1]) && WORDS.source.has(tail[2]);
}

function unknownWords(line: string): LogFault[] {
  const entry = JSON.parse(line) as Readonly<Record<string, unknown>>;
  return (Object.keys(WORDS) as (keyof typeof WORDS)[]).flatMap((field) => {
    const word = entry[field];
    return typeof word === 'string' && !WORDS[field].has(word) ? [{ field, found: word }] : [];
  });
}
