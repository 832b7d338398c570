import { LOG_LEVELS, LOG_SOURCES, logEntrySchema, type LogLevel } from '@launchlog/shared/log-entry';
import { PHASES, type Phase } from '@launchlog/shared/phase';

/** What delivery needs of an entry. */
export interface EntryHeading {
  readonly timestamp: string;
  readonly level: LogLevel;
  readonly phase: Phase;
  readonly progress?: number | undefined;
}

const TEXT = String.raw`[^"\\\u0000-\u001f]*`;
const ESCAPE = String.raw`\\(?:["\\/bfnrt]|u[\da-fA-F]{4})`;
/** An entry as writers store it, without `details`; its second part is the date, which the schema checks. */
const PLAIN_ENTRY = new RegExp(
  String.raw`^\{"seq":(\d+),"timestamp":"((\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z)"` +
    `,"level":"(${LOG_LEVELS.join('|')})","message":"${TEXT}(?:${ESCAPE}${TEXT})*"` +
    `,"phase":"(${PHASES.join('|')})","source":"(?:${LOG_SOURCES.join('|')})"` +
    String.raw`(?:,"progress":(100|[1-9]?\d))?\}$`,
);

const levels = new Map<string, LogLevel>(LOG_LEVELS.map((level) => [level, level]));
const phases = new Map<string, Phase>(PHASES.map((phase) => [phase, phase]));
let lastDate = '';

/**
 * Reads the heading of a stored line without parsing the line: entries come one at a time, and to parse and check one costs as
 * much as to send it. Undefined for every line that may be anything but the entry `seq`, however valid: that one is parsed.
 */
export function plainHeading(line: string, seq: number): EntryHeading | undefined {
  const found = PLAIN_ENTRY.exec(line);
  if (found === null || Number(found[1]) !== seq) return undefined;
  const [, digits = '', timestamp = '', date = '', levelText = '', phaseText = '', percent] = found;
  const level = levels.get(levelText);
  const phase = phases.get(phaseText);
  // JSON has no number with a zero before it.
  const isNumber = digits.length === String(seq).length;
  if (level === undefined || phase === undefined || !isNumber || !isDate(date, timestamp)) return undefined;
  return { timestamp, level, phase, progress: percent === undefined ? undefined : Number(percent) };
}

/** Nearly all lines are of the same day as the line before. */
function isDate(date: string, timestamp: string): boolean {
  if (date === lastDate) return true;
  if (!logEntrySchema.shape.timestamp.safeParse(timestamp).success) return false;
  lastDate = date;
  return true;
}
