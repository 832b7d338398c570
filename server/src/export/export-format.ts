import type { ExportFormat } from '@launchlog/shared/log-export';
import type { LogEntry } from '@launchlog/shared/log-entry';
import { escapeUnprintable } from '@launchlog/shared/terminal-sequence';
import { csvRows } from './csv-rows.js';

/** Writes a file of log entries, piece by piece. */
interface ExportWriter {
  readonly mediaType: string;
  readonly extension: string;
  readonly head: string;
  /** `first`: only the head was written so far. */
  readonly body: (entries: readonly LogEntry[], first: boolean) => string;
  readonly foot: string;
  /** Ends a file that could not be finished; empty where the format has no place for a message. */
  readonly failure: (message: string) => string;
}

const LEVEL_WIDTH = 5;
const CONTINUED = '\n    ';
const COLUMNS = ['seq', 'timestamp', 'level', 'phase', 'progress', 'source', 'message', 'details'] as const;

const csv: ExportWriter = {
  mediaType: 'text/csv; charset=utf-8; header=present',
  extension: 'csv',
  head: csvRows([COLUMNS]),
  body: (entries) => csvRows(entries.map(rowOf)),
  foot: '',
  failure: (message) => csvRows([['', '', 'error', '', '', '', `EXPORT INCOMPLETE: ${message}`, '']]),
};

/** An unfinished array is not valid JSON, so that no reader takes it for the complete log. */
const json: ExportWriter = {
  mediaType: 'application/json',
  extension: 'json',
  head: '[',
  body: (entries, first) =>
    entries.map((entry, index) => `${first && index === 0 ? '\n' : ',\n'}${JSON.stringify(entry)}`).join(''),
  foot: '\n]\n',
  failure: () => '',
};

const ndjson: ExportWriter = {
  mediaType: 'application/x-ndjson',
  extension: 'ndjson',
  head: '',
  body: (entries) => entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''),
  foot: '',
  failure: (message) => `${JSON.stringify({ error: { message: `export incomplete: ${message}` } })}\n`,
};

const text: ExportWriter = {
  mediaType: 'text/plain; charset=utf-8',
  extension: 'log',
  head: '',
  body: (entries) => entries.map(textLine).join(''),
  foot: '',
  failure: (message) => `*** EXPORT INCOMPLETE: ${message} ***\n`,
};

export const EXPORT_WRITERS: Readonly<Record<ExportFormat, ExportWriter>> = { csv, json, ndjson, text };

function rowOf(entry: LogEntry): (string | number)[] {
  const { seq, timestamp, level, phase, progress, source, message, details } = entry;
  return [
    seq,
    timestamp,
    level,
    phase,
    progress ?? '',
    source,
    message,
    details ? JSON.stringify(details) : '',
  ];
}

/** One entry for people. Its further lines are indented, so a program's output cannot forge an entry or move a cursor. */
function textLine(entry: LogEntry): string {
  const { timestamp, level, phase, source, message } = entry;
  const head = `${timestamp} ${level.toUpperCase().padEnd(LEVEL_WIDTH)} [${phase}] ${source}:`;
  const visible = escapeUnprintable(message.replace(/\r\n?/g, '\n'));
  return `${head} ${visible.replaceAll('\n', CONTINUED)}\n`;
}
