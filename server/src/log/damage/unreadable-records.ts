import { isDamagedLine } from './damaged-line.js';
import { isUnreadable } from '../log-record.js';
import type { LogSlice } from '../log-store.js';

export interface UnreadableRecord {
  readonly nodeId: string;
  readonly epoch: string;
  readonly seq: number;
}

/** Logs whose unreadable records were reported. Beyond it the oldest is forgotten, and would be reported again. */
const REPORTED_MAX = 1_000;
const ENDS_AS_AN_ENTRY = '}';

/**
 * Finds records in the answers of a log store that are not entries, because another program overwrote them, and reports the
 * first one of each log, once. Readers get unreadable lines for them. The store itself reports the damage that it knows.
 */
export class UnreadableRecords {
  readonly #report: (record: UnreadableRecord) => void;
  readonly #reported = new Set<string>();

  constructor(report: (record: UnreadableRecord) => void) {
    this.#report = report;
  }

  look(nodeId: string, { epoch = '', linesFrom, lines }: LogSlice): void {
    for (const [index, line] of lines.entries()) {
      const seq = linesFrom + index;
      // Matches entries as our own writers render them; others are parsed.
      if (line.startsWith(`{"seq":${seq},`) && line.endsWith(ENDS_AS_AN_ENTRY)) continue;
      if (isDamagedLine(line) || !isUnreadable(seq, line)) continue;
      this.#once({ nodeId, epoch, seq });
      return;
    }
  }

  #once(record: UnreadableRecord): void {
    const log = `${record.nodeId} ${record.epoch}`;
    if (this.#reported.has(log)) return;
    this.#reported.add(log);
    for (const oldest of this.#reported) {
      if (this.#reported.size <= REPORTED_MAX) break;
      this.#reported.delete(oldest);
    }
    this.#report(record);
  }
}
