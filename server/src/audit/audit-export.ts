import type { AuditEntry, AuditExportQuery } from '@launchlog/shared/audit';
import { snakeCaseKeys } from '@launchlog/shared/wire-case';
import { csvRows } from '../export/csv-rows.js';
import type { AuditSlice } from './audit-store.js';

/** Entries that are in memory at once. */
const SLICE_ENTRIES = 500;
const COLUMNS = [
  'id',
  'at',
  'action',
  'outcome',
  'actor',
  'tokenId',
  'address',
  'target',
  'code',
  'count',
  'lastAt',
] as const satisfies readonly (keyof AuditEntry)[];

type Format = AuditExportQuery['format'];

interface AuditWriter {
  readonly head: string;
  readonly body: (entries: readonly AuditEntry[]) => string;
  /** The last line of a file that could not be finished. */
  readonly failure: string;
}

const INCOMPLETE = 'export incomplete: the trail cannot be read now';

const WRITERS: Readonly<Record<Format, AuditWriter>> = {
  ndjson: {
    head: '',
    body: (entries) => entries.map((entry) => `${JSON.stringify(snakeCaseKeys(entry))}\n`).join(''),
    failure: `${JSON.stringify({ error: { message: INCOMPLETE } })}\n`,
  },
  csv: {
    head: csvRows([Object.keys(snakeCaseKeys(Object.fromEntries(COLUMNS.map((name) => [name, '']))))]),
    body: (entries) => csvRows(entries.map((entry) => COLUMNS.map((name) => entry[name] ?? ''))),
    failure: csvRows([['', '', INCOMPLETE.toUpperCase()]]),
  },
};

/**
 * The trail as the pieces of a file, oldest entry first, a slice at a time. Rejects if the first slice cannot be read; if a
 * later one cannot, the last line reports it and the pieces end with the error.
 */
export async function exportAudit(
  format: Format,
  read: (slice: AuditSlice) => Promise<AuditEntry[]>,
): Promise<AsyncGenerator<string, void>> {
  const first = await read({ afterId: 0, most: SLICE_ENTRIES });
  return pieces(WRITERS[format], first, read);
}

async function* pieces(
  writer: AuditWriter,
  first: readonly AuditEntry[],
  read: (slice: AuditSlice) => Promise<AuditEntry[]>,
): AsyncGenerator<string, void> {
  yield writer.head;
  let entries = first;
  while (entries.length > 0) {
    yield writer.body(entries);
    const afterId = entries.at(-1)?.id ?? 0;
    if (entries.length < SLICE_ENTRIES) return;
    try {
      entries = await read({ afterId, most: SLICE_ENTRIES });
    } catch (error) {
      yield writer.failure;
      throw error;
    }
  }
}
