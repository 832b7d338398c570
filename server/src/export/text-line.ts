import type { LogEntry } from '@launchlog/shared/log-entry';
import { escapeUnprintable } from '@launchlog/shared/terminal-sequence';

const LEVEL_WIDTH = 5;
const CONTINUED = '\n    ';

/** One entry for people. Its further lines are indented, so a program's output cannot forge an entry or move a cursor. */
export function textLine(entry: LogEntry): string {
  const { timestamp, level, phase, source, message } = entry;
  const head = `${timestamp} ${level.toUpperCase().padEnd(LEVEL_WIDTH)} [${phase}] ${source}:`;
  const visible = escapeUnprintable(message.replace(/\r\n?/g, '\n'));
  return `${head} ${visible.replaceAll('\n', CONTINUED)}\n`;
}
