import { stringify } from 'csv-stringify/sync';

/** RFC 4180: also a field with a lone line feed or carriage return is quoted. A field that a spreadsheet would take for a formula begins with an apostrophe. */
export function csvRows(rows: readonly (readonly (string | number)[])[]): string {
  return stringify([...rows], { escape_formulas: true, record_delimiter: 'windows', quoted_match: /[\r\n]/ });
}
