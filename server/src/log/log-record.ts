import { logEntrySchema, type LogEntry } from '@launchlog/shared/log-entry';

/** One entry as all readers of this process share it: parsed at most once, rendered at most once per wire format. */
export class LogRecord {
  readonly epoch: string;
  readonly seq: number;
  /** The entry exactly as stored. */
  readonly json: string;
  #entry: LogEntry | undefined;

  constructor(epoch: string, seq: number, json: string) {
    this.epoch = epoch;
    this.seq = seq;
    this.json = json;
  }

  get entry(): LogEntry {
    this.#entry ??= logEntrySchema.parse(JSON.parse(this.json));
    return this.#entry;
  }
}

/**
 * Reads stored lines without a hole between them; the first has seq `firstSeq`. A line that is not the entry its place
 * demands becomes an entry that says so, because one bad line must not end a stream.
 */
export function readRecords(epoch: string, firstSeq: number, lines: readonly string[]): LogRecord[] {
  return lines.map((line, index) => readRecord(epoch, firstSeq + index, line));
}

function readRecord(epoch: string, seq: number, line: string): LogRecord {
  const record = new LogRecord(epoch, seq, line);
  try {
    if (record.entry.seq === seq) return record;
  } catch {
    // Not an entry at all: the substitute below says so.
  }
  const substitute: LogEntry = {
    seq,
    timestamp: UNKNOWN_TIME,
    level: 'error',
    message: 'this line of the log cannot be read',
    phase: 'queued',
    source: 'orchestrator',
  };
  return new LogRecord(epoch, seq, JSON.stringify(logEntrySchema.parse(substitute)));
}

const UNKNOWN_TIME = '1970-01-01T00:00:00.000Z';
