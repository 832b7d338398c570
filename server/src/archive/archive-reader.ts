import type { LogEntry } from '@launchlog/shared/log-entry';
import { timestampOf, type Clock } from '../clock.js';
import { LogStoreUnavailableError } from '../log/log-store.js';
import type { Logger } from '../logger.js';
import { Deadline } from '../wait/deadline.js';
import { ArchiveCache, type ArchivedLog } from './archive-cache.js';
import type { ArchiveLedger, FoundArchive } from './archive-ledger.js';
import type { ArchiveMeter } from './archive-meter.js';
import { ArchiveTooLargeError, type ArchiveStore } from './archive-store.js';
import { PACKED_MAX_BYTES, sha256Of, unpackLog } from './packed-log.js';

interface ArchiveReaderOptions {
  readonly ledger: Pick<ArchiveLedger, 'find'>;
  readonly store: Pick<ArchiveStore, 'get'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: ArchiveMeter;
}

const READ_MS = 20_000;

/** Opens archived logs and checks them against the registry's record. */
export class ArchiveReader {
  readonly #options: ArchiveReaderOptions;
  readonly #cache: ArchiveCache;
  /** Readers that open the same log at the same time share one read. */
  readonly #opening = new Map<string, Promise<ArchivedLog | undefined>>();

  constructor(options: ArchiveReaderOptions) {
    this.#options = options;
    this.#cache = new ArchiveCache(options.clock);
  }

  /** Undefined where there is no archive. Rejects with `LogStoreUnavailableError` while it cannot be read. */
  async open(nodeId: string): Promise<ArchivedLog | undefined> {
    const kept = this.#cache.get(nodeId);
    if (kept !== undefined) return kept;
    const opening = this.#opening.get(nodeId) ?? this.#open(nodeId);
    this.#opening.set(nodeId, opening);
    return opening;
  }

  async #open(nodeId: string): Promise<ArchivedLog | undefined> {
    try {
      const archive = await this.#options.ledger.find(nodeId);
      if (archive === undefined) return undefined;
      const log = await this.#fetch(archive);
      this.#cache.keep(nodeId, log);
      this.#options.meter.opened();
      return log;
    } catch (cause) {
      throw new LogStoreUnavailableError('the archive cannot be reached', { cause });
    } finally {
      this.#opening.delete(nodeId);
    }
  }

  async #fetch(archive: FoundArchive): Promise<ArchivedLog> {
    const deadline = new Deadline({ clock: this.#options.clock, ms: READ_MS });
    try {
      const packed = await this.#options.store.get(archive.name, PACKED_MAX_BYTES, deadline.signal);
      if (packed === undefined) return this.#damaged(archive, 'its file is gone');
      if ((await sha256Of(packed)) !== archive.sha256)
        return this.#damaged(archive, 'its checksum does not match');
      const lines = await unpackLog(packed);
      return { archive, lines, firstSeq: archive.firstSeq, intact: true };
    } catch (error) {
      if (error instanceof ArchiveTooLargeError) return this.#damaged(archive, 'its file is too large');
      throw error;
    } finally {
      deadline.clear();
    }
  }

  /** Damage is permanent: readers see it in place of the log, the operator in the server's own log. */
  #damaged(archive: FoundArchive, problem: string): ArchivedLog {
    const { logger, meter, clock } = this.#options;
    const { nodeId, name, lastSeq } = archive;
    logger.error({ nodeId, file: name }, `the archive of a log is damaged: ${problem}`);
    meter.damaged();
    const line = damagedLine(archive, problem, clock.now());
    return { archive, lines: [line], firstSeq: lastSeq, intact: false };
  }
}

/** The one entry, with the log's last seq, that readers see in place of a log whose archive is damaged. */
function damagedLine(archive: FoundArchive, problem: string, nowMs: number): string {
  const entry: LogEntry = {
    seq: archive.lastSeq,
    timestamp: timestampOf(nowMs),
    level: 'error',
    message: `The archive of this log is damaged: ${problem}. Its entries cannot be shown.`,
    phase: archive.phase,
    source: 'orchestrator',
    details: { file: archive.name, sha256: archive.sha256 },
  };
  return JSON.stringify(entry);
}
