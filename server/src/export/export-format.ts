import { stringify } from 'csv-stringify/sync';
import type { ExportFormat } from '@launchlog/shared/log-export';
import type { LogEntry } from '@launchlog/shared/log-entry';
import { textLine } from './text-line.js';

/** How a file of log entries is written, piece by piece. */
interface ExportWriter {
  readonly mediaType: string;
  readonly extension: string;
  readonly head: string;
  /** `first`: nothing was written yet but the head. */
  readonly body: (entries: readonly LogEntry[], first: boolean) => string;
  readonly foot: string;
  /** The last words of a file that could not be finished; empty where the format has no place for them. */
  readonly failure: (message: string) => string;
}

const COLUMNS = ['seq', 'timestamp', 'level', 'phase', 'progress', 'source', 'message', 'details'] as const;

const csv: ExportWriter = {
  mediaType: 'text/csv; charset=utf-8; header=present',
  extension: 'csv',
  head: csvRows([COLUMNS]),
  body: (entries) => csvRows(entries.map(rowOf)),
  foot: '',
  failure: (message) => csvRows([['', '', 'error', '', '', '', `EXPORT INCOMPLETE: ${message}`, '']]),
};

/** An array that is not finished is no JSON: a reader cannot take it for the whole. */
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

/** As RFC 4180 has it. A field that a spreadsheet would take for a formula begins with an apostrophe. */
function csvRows(rows: readonly (readonly (string | number)[])[]): string {
  return stringify([...rows], { escape_formulas: true, record_delimiter: 'windows' });
}
