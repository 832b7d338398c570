import { fittingLines } from '../log/fitting-lines.js';
import type {
  AppendReply,
  LogBatch,
  LogClaim,
  LogPosition,
  LogRange,
  LogSignal,
  LogSlice,
  LogSubscription,
  NodeLogStore,
} from '../log/log-store.js';
import { LogStoreUnavailableError } from '../log/log-store.js';
import type { PositionStore } from '../log/position/position-store.js';
import type { ArchivedLog } from './archive-cache.js';
import type { ArchiveReader } from './archive-reader.js';

/**
 * A log store that reads a log from the archive once the store no longer holds it, under the same epoch and with the same
 * numbers, so that every cursor stays valid. Writes go to the store alone. See decision 87.
 */
export class ArchivedLogStore implements NodeLogStore {
  readonly #store: NodeLogStore;
  readonly #archives: Pick<ArchiveReader, 'open'>;

  constructor(store: NodeLogStore, archives: Pick<ArchiveReader, 'open'>) {
    this.#store = store;
    this.#archives = archives;
  }

  get positions(): PositionStore {
    return this.#store.positions;
  }

  async read(nodeId: string, range: LogRange): Promise<LogSlice> {
    const slice = await this.#store.read(nodeId, range);
    const unknown = slice.epoch === undefined;
    if (!unknown && !slice.expired) return slice;
    const log = await this.#open(nodeId, unknown);
    // Another epoch is another log, and this one has not been archived.
    if (log === undefined || (!unknown && log.archive.epoch !== slice.epoch)) return slice;
    return sliceOf(log, range);
  }

  claim(nodeId: string, attempt: number, renewal?: string): Promise<LogClaim> {
    return this.#store.claim(nodeId, attempt, renewal);
  }

  append(batch: LogBatch): Promise<AppendReply> {
    return this.#store.append(batch);
  }

  changed(positions: readonly LogPosition[]): Promise<readonly string[]> {
    return this.#store.changed(positions);
  }

  subscribe(nodeId: string, onSignal: (signal: LogSignal) => void): Promise<LogSubscription> {
    return this.#store.subscribe(nodeId, onSignal);
  }

  clear(nodeId: string): Promise<void> {
    return this.#store.clear(nodeId);
  }

  ping(): Promise<void> {
    return this.#store.ping();
  }

  probe(): Promise<void> {
    return this.#store.probe();
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  /** A log the store does not know has most likely not begun; reading it must not depend on the archive. */
  async #open(nodeId: string, unknown: boolean): Promise<ArchivedLog | undefined> {
    try {
      return await this.#archives.open(nodeId);
    } catch (error) {
      if (unknown && error instanceof LogStoreUnavailableError) return undefined;
      throw error;
    }
  }
}

function sliceOf({ archive, lines, firstSeq }: ArchivedLog, range: LogRange): LogSlice {
  const { from, limit } = range;
  const { epoch, lastSeq, closed, began } = archive;
  const wanted = 'tail' in from ? lastSeq - from.tail + 1 : from.afterSeq + 1;
  const linesFrom = Math.min(Math.max(wanted, firstSeq), lastSeq + 1);
  return {
    epoch,
    lastSeq,
    firstSeq,
    closed,
    expired: false,
    cleared: false,
    began,
    ...fittingLines(
      { lines: lines.slice(linesFrom - firstSeq, linesFrom - firstSeq + limit), linesFrom },
      range,
    ),
  };
}
