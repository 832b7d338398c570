import {
  logDetailsSchema,
  logEntrySchema,
  logLevelSchema,
  logSourceSchema,
  type LogEntry,
} from '@launchlog/shared/log-entry';
import { phaseSchema, progressSchema, type Phase } from '@launchlog/shared/phase';
import { z } from 'zod';
import { isDamagedLine } from './damage/damaged-line.js';
import { plainHeading, type EntryHeading } from './entry/entry-heading.js';

const NOTHING_KNOWN = {};
/** An escape that `JSON.stringify` may write in another way. */
const OTHER_ESCAPE = /\\[/u]/;

/** One entry as all readers of this process share it: parsed once for a delivery, rendered at most once per wire format. */
export class LogRecord {
  readonly epoch: string;
  readonly seq: number;
  /** The entry as it is sent: exactly as stored, unless it could not be read like that. */
  readonly json: string;
  /** Only its seq is left; streams send a gap. */
  readonly damaged: boolean;
  /** False where phase and progress are not the entry's own. */
  readonly hasStanding: boolean;
  readonly #heading: EntryHeading | undefined;
  #entry: LogEntry | undefined;

  constructor(
    position: { readonly epoch: string; readonly seq: number },
    json: string,
    {
      damaged = false,
      hasStanding = true,
      heading,
    }: {
      readonly damaged?: boolean;
      readonly hasStanding?: boolean;
      /** As the line has it. */
      readonly heading?: EntryHeading;
    } = NOTHING_KNOWN,
  ) {
    this.epoch = position.epoch;
    this.seq = position.seq;
    this.json = json;
    this.damaged = damaged;
    this.hasStanding = hasStanding;
    this.#heading = heading;
  }

  /** Parsed when it is first asked for. */
  get entry(): LogEntry {
    this.#entry ??= this.#parsed();
    return this.#entry;
  }

  /** The same values as the entry's, which need not be parsed for them. */
  get heading(): EntryHeading {
    return this.#heading ?? this.entry;
  }

  /** The text that `JSON.stringify` makes of the entry, where that is known without parsing it. */
  get plainJson(): string | undefined {
    return this.#heading === undefined || OTHER_ESCAPE.test(this.json) ? undefined : this.json;
  }

  /** The text that `JSON.stringify` makes of the entry. */
  get entryJson(): string {
    return this.plainJson ?? JSON.stringify(this.entry);
  }

  #parsed(): LogEntry {
    const entry: unknown = JSON.parse(this.json);
    // A line with a plain heading has the fields of an entry, in their order, and no others.
    return this.#heading === undefined ? logEntrySchema.parse(entry) : (entry as LogEntry);
  }

  /** Gives the parsed entry back: a log holds many records for readers that may never come. It is parsed again for those. */
  release(): void {
    this.#entry = undefined;
  }
}

/**
 * Reads stored lines without a hole between them; the first has seq `firstSeq`. A line that is not the entry with its seq
 * becomes an entry that keeps what can be read of it, because one bad line must not end a stream. It may come from a newer
 * release, or from a program that writes to the store as well.
 */
export function readRecords(epoch: string, firstSeq: number, lines: readonly string[]): LogRecord[] {
  let phase: Phase = 'queued';
  return lines.map((line, index) => {
    const record = readRecord({ epoch, seq: firstSeq + index, phase }, line);
    ({ phase } = record.heading);
    return record;
  });
}

/** Whether nothing can be read of this line. */
export function isUnreadable(seq: number, line: string): boolean {
  return readRecord({ epoch: '', seq, phase: 'queued' }, line).damaged;
}

/** `phase` is that of the entry before, if it is known. */
interface LineContext {
  readonly epoch: string;
  readonly seq: number;
  readonly phase: Phase;
}

function readRecord(context: LineContext, line: string): LogRecord {
  const heading = plainHeading(line, context.seq);
  if (heading !== undefined) return new LogRecord(context, line, { heading });
  const record = new LogRecord(context, line);
  try {
    if (record.entry.seq === context.seq) return record;
  } catch {
    // It is not an entry of this release: the rest of the function reads what it can.
  }
  const found = isDamagedLine(line) ? undefined : foreignEntrySchema.safeParse(parsed(line)).data;
  const { message = UNREADABLE, ...facts } = found?.seq === context.seq ? found : {};
  const damaged = found?.seq !== context.seq;
  const entry: LogEntry = {
    timestamp: UNKNOWN_TIME,
    level: damaged ? 'error' : 'info',
    source: 'orchestrator',
    phase: context.phase,
    ...facts,
    message,
    seq: context.seq,
  };
  const hasStanding = facts.phase !== undefined;
  return new LogRecord(context, JSON.stringify(logEntrySchema.parse(entry)), { damaged, hasStanding });
}

/** Drops the fields that are not as expected. */
const foreignEntrySchema = z
  .object({
    seq: z.int(),
    message: z.string(),
    timestamp: logEntrySchema.shape.timestamp.optional().catch(undefined),
    level: logLevelSchema.optional().catch(undefined),
    source: logSourceSchema.optional().catch(undefined),
    phase: phaseSchema.optional().catch(undefined),
    progress: progressSchema.optional().catch(undefined),
    details: logDetailsSchema.optional().catch(undefined),
  })
  .transform(
    (entry) =>
      Object.fromEntries(
        Object.entries(entry).filter(([, value]) => value !== undefined),
      ) as Partial<LogEntry>,
  );

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const UNREADABLE = 'this line of the log cannot be read';
const UNKNOWN_TIME = '1970-01-01T00:00:00.000Z';
