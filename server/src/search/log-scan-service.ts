import { LaunchlogError } from '@launchlog/shared/error-code';
import type { LogSearchHit, LogSearchPage, LogSearchQuery } from '@launchlog/shared/log-search';
import type { Clock } from '../clock.js';
import type { NodeLogStore } from '../log/log-store.js';
import { parseScanPosition, type ScanPosition } from './log-scan-cursor.js';
import { LogScan, type ScanItem, type ScannedNode } from './log-scan.js';

/** Time limit of one search, after which it reports a partial result. */
const SCAN_WITHIN_MS = 5_000;
/** Searches at a time in this process; each holds one slice of one log. */
const SCANS_MAX = 8;
/** Searches at a time for one caller, so that one caller cannot lock out all others. */
const SCANS_PER_CALLER_MAX = 4;
const BUSY_RETRY_SECONDS = 2;

/** The nodes a caller may see, newest first, beginning with the node of the given position. */
type ScanNodes = (query: LogSearchQuery, from: ScanPosition | undefined) => AsyncIterable<ScannedNode>;

interface ScanCaller {
  /** Searches with the same key count together. */
  readonly name: string;
  readonly signal?: AbortSignal | undefined;
}

interface LogScanServiceOptions {
  readonly store: Pick<NodeLogStore, 'read'>;
  readonly clock: Clock;
  readonly withinMs?: number | undefined;
}

/** Searches history for all callers, a limited number at a time. */
export class LogScanService {
  readonly #options: LogScanServiceOptions;
  /** Running searches by caller; zero is not stored. */
  readonly #running = new Map<string, number>();

  constructor(options: LogScanServiceOptions) {
    this.#options = options;
  }

  /**
   * Throws a LaunchlogError at once if the search cannot run. The last item is the end, unless the caller's `signal` aborts:
   * then it throws the signal's reason.
   */
  stream(query: LogSearchQuery, nodes: ScanNodes, by: ScanCaller): AsyncIterable<ScanItem> {
    const { store, clock, withinMs = SCAN_WITHIN_MS } = this.#options;
    const resume = query.cursor === undefined ? undefined : parseScanPosition(query.cursor);
    const scanned = { nodes: nodes(query, resume), resume, withinMs, signal: by.signal };
    const scan = new LogScan({ store, clock, query, ...scanned });
    const all = [...this.#running.values()].reduce((sum, each) => sum + each, 0);
    if (all >= SCANS_MAX) throw refused('unavailable', `${SCANS_MAX} searches are running`);
    const own = this.#running.get(by.name) ?? 0;
    if (own >= SCANS_PER_CALLER_MAX)
      throw refused('rate_limited', `${SCANS_PER_CALLER_MAX} searches of yours are running`);
    return this.#counted(scan, by.name);
  }

  async page(query: LogSearchQuery, nodes: ScanNodes, by: ScanCaller): Promise<LogSearchPage> {
    const hits: LogSearchHit[] = [];
    for await (const item of this.stream(query, nodes, by)) {
      if (item.kind === 'end') return { hits, ...item.end };
      hits.push(...item.hits);
    }
    throw new Error('the search has no end');
  }

  async *#counted(scan: LogScan, caller: string): AsyncGenerator<ScanItem, void> {
    this.#count(caller, 1);
    try {
      yield* scan.run();
    } finally {
      this.#count(caller, -1);
    }
  }

  #count(caller: string, change: 1 | -1): void {
    const running = (this.#running.get(caller) ?? 0) + change;
    if (running > 0) this.#running.set(caller, running);
    else this.#running.delete(caller);
  }
}

function refused(code: 'rate_limited' | 'unavailable', why: string): LaunchlogError {
  const retryAfterSeconds = BUSY_RETRY_SECONDS;
  return new LaunchlogError(code, `${why}, which is the limit`, { retryAfterSeconds });
}
