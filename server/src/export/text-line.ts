import type { LogEntry } from '@launchlog/shared/log-entry';

const LEVEL_WIDTH = 5;
const CONTINUED = '\n    ';

/** One entry for people: whatever a program printed, it is one line and its continuation, and moves no cursor. */
export function textLine(entry: LogEntry): string {
  const { timestamp, level, phase, source, message } = entry;
  const head = `${timestamp} ${level.toUpperCase().padEnd(LEVEL_WIDTH)} [${phase}] ${source}:`;
  return `${head} ${visible(message).split('\n').join(CONTINUED)}\n`;
}

/** Control characters, and those that turn the direction of text, are shown, not sent. */
function visible(message: string): string {
  return message.replace(/\r\n?/g, '\n').replace(INVISIBLE, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

// oxlint-disable-next-line no-control-regex -- they are what is looked for
const INVISIBLE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
