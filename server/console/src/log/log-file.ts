import type { LogLine, LogRow } from './line/log-row.js';

export const LOG_FILE_FORMATS = ['txt', 'json', 'csv'] as const;
export type LogFileFormat = (typeof LOG_FILE_FORMATS)[number];

export const LOG_FILE_MEDIA_TYPES: Readonly<Record<LogFileFormat, string>> = {
  txt: 'text/plain',
  json: 'application/json',
  csv: 'text/csv',
};

/** The rows shown as one file. Marks are not part of the log and are left out. */
export function logFile(format: LogFileFormat, rows: readonly LogRow[], severalNodes: boolean): string {
  const lines = rows.filter((row) => row.kind === 'line');
  switch (format) {
    case 'txt':
      return lines.map((line) => `${logFileLine(line, severalNodes)}\n`).join('');
    case 'json':
      return `${JSON.stringify(
        lines.map((line) => entryOf(line, severalNodes)),
        undefined,
        2,
      )}\n`;
    case 'csv':
      return csvOf(lines, severalNodes);
  }
}

function logFileLine(line: LogLine, severalNodes: boolean): string {
  const { timestamp, level, phase } = line.entry;
  const node = severalNodes ? `${line.nodeId} ` : '';
  return `${timestamp} ${node}${level.toUpperCase().padEnd(5)} [${phase}] ${line.text}`;
}

function entryOf(line: LogLine, severalNodes: boolean): object {
  return severalNodes ? { node_id: line.nodeId, ...line.entry } : line.entry;
}

function csvOf(lines: readonly LogLine[], severalNodes: boolean): string {
  const header = ['seq', 'timestamp', 'level', 'phase', 'source', 'progress', 'message', 'details'];
  const rows = lines.map((line) => {
    const { seq, timestamp, level, phase, source, progress, details } = line.entry;
    const detailsText = details === undefined ? '' : JSON.stringify(details);
    return [seq, timestamp, level, phase, source, progress ?? '', line.text, detailsText].map(String);
  });
  const withNode = severalNodes
    ? [['node_id', ...header], ...rows.map((row, index) => [lines[index]?.nodeId ?? '', ...row])]
    : [header, ...rows];
  return withNode.map((row) => `${row.map(csvField).join(',')}\r\n`).join('');
}

/** A field as in RFC 4180. A quote is put before text that a spreadsheet would run as a formula. */
function csvField(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
