import { LaunchlogError } from '@launchlog/shared/error-code';
import type { LogSearchHit, LogSearchPage, LogSearchQuery } from '@launchlog/shared/log-search';
import type { Clock } from '../clock.js';
import { LogScan, type ScanItem, type ScannedNode } from './log-scan.js';
import { parseScanPlace, type ScanPlace } from './log-scan-place.js';
import type { NodeLogStore } from './log-store.js';

/** One search looks so long, then says that it is partial. */
const SCAN_WITHIN_MS = 5_000;
/** Searches at once in this process; each holds one slice of one log. */
const SCANS_MAX = 8;
const BUSY_RETRY_SECONDS = 2;

/** The nodes a caller may see, the newest first, from the place on, the node of the place included. */
export type ScanNodes = (query: LogSearchQuery, from: ScanPlace | undefined) => AsyncIterable<ScannedNode>;

export interface LogScanServiceOptions {
  readonly store: Pick<NodeLogStore, 'read'>;
  readonly clock: Clock;
  readonly withinMs?: number | undefined;
}

/** Searches of history for all who ask, so many at once. */
export class LogScanService {
  readonly #options: LogScanServiceOptions;
  #running = 0;

  constructor(options: LogScanServiceOptions) {
    this.#options = options;
  }

  /** Throws a LaunchlogError at once where the search cannot be done; after that the last item is the end, unless `signal` aborts: then it throws the signal's reason. */
  stream(query: LogSearchQuery, nodes: ScanNodes, signal?: AbortSignal): AsyncIterable<ScanItem> {
    const { store, clock, withinMs = SCAN_WITHIN_MS } = this.#options;
    const resume = query.cursor === undefined ? undefined : parseScanPlace(query.cursor);
    const scanned = { nodes: nodes(query, resume), resume, withinMs, signal };
    const scan = new LogScan({ store, clock, query, ...scanned });
    if (this.#running >= SCANS_MAX) {
      throw new LaunchlogError('unavailable', `${SCANS_MAX} searches are running, which is the limit`, {
        retryAfterSeconds: BUSY_RETRY_SECONDS,
      });
    }
    return this.#counted(scan);
  }

  async page(query: LogSearchQuery, nodes: ScanNodes, signal?: AbortSignal): Promise<LogSearchPage> {
    const hits: LogSearchHit[] = [];
    for await (const item of this.stream(query, nodes, signal)) {
      if (item.kind === 'end') return { hits, ...item.end };
      hits.push(...item.hits);
    }
    throw new Error('the search has no end');
  }

  async *#counted(scan: LogScan): AsyncGenerator<ScanItem, void> {
    this.#running += 1;
    try {
      yield* scan.run();
    } finally {
      this.#running -= 1;
    }
  }
}
