import type { Clock } from '../clock.js';
import type { FoundArchive } from './archive-ledger.js';

/** An unpacked archive. */
export interface ArchivedLog {
  readonly archive: FoundArchive;
  /** Entries as JSON; the first has seq `firstSeq`, the others follow without a hole. */
  readonly lines: readonly string[];
  readonly firstSeq: number;
  /** False: the archive is damaged, and the only line reports the problem. */
  readonly intact: boolean;
}

interface Kept {
  readonly log: ArchivedLog;
  readonly bytes: number;
  readonly untilMs: number;
}

const LOGS_MAX = 32;
const BYTES_MAX = 64 * 1024 * 1024;
/** How long a deleted archive may stay readable, whichever server deleted it. */
const KEEP_MS = 5 * 60_000;
/** How long a repaired archive may still show as damaged. */
const KEEP_DAMAGED_MS = 5_000;

/** Recently read archives; the least recently used one is dropped first. */
export class ArchiveCache {
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(nodeId: string): ArchivedLog | undefined {
    const kept = this.#kept.get(nodeId);
    if (kept === undefined) return undefined;
    this.#forget(nodeId, kept);
    if (this.#clock.monotonic() >= kept.untilMs) return undefined;
    this.#add(nodeId, kept);
    return kept.log;
  }

  keep(nodeId: string, log: ArchivedLog): void {
    const old = this.#kept.get(nodeId);
    if (old !== undefined) this.#forget(nodeId, old);
    const untilMs = this.#clock.monotonic() + (log.intact ? KEEP_MS : KEEP_DAMAGED_MS);
    this.#add(nodeId, { log, bytes: log.archive.bytes, untilMs });
    for (const [oldest, kept] of this.#kept) {
      if (this.#kept.size <= LOGS_MAX && this.#bytes <= BYTES_MAX) return;
      this.#forget(oldest, kept);
    }
  }

  #add(nodeId: string, kept: Kept): void {
    this.#kept.set(nodeId, kept);
    this.#bytes += kept.bytes;
  }

  #forget(nodeId: string, kept: Kept): void {
    this.#kept.delete(nodeId);
    this.#bytes -= kept.bytes;
  }
}
