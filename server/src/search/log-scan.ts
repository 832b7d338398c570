import { formatCursor, ORIGIN, parseCursor } from '@launchlog/shared/cursor';
import type { LogEntry } from '@launchlog/shared/log-entry';
import type { LogSearchEnd, LogSearchHit, LogSearchQuery } from '@launchlog/shared/log-search';
import type { Node } from '@launchlog/shared/node';
import type { Clock } from '../clock.js';
import { compileFilter, type EntryFilter } from '../feed/entry-filter.js';
import { LogHistory } from '../log/log-history.js';
import { readRecords } from '../log/log-record.js';
import { LogStoreUnavailableError, type NodeLogStore } from '../log/log-store.js';
import { formatScanPlace, type ScanPlace } from './log-scan-cursor.js';
import { highlighter, type Highlight } from './log-scan-highlights.js';

/** So long one search may go on without letting anybody else have the processor. */
const TURN_MS = 10;
/** The clocks of the registry and of who wrote the log may differ by so much. */
const CLOCKS_DIFFER_MS = 10 * 60_000;

interface LogScanOptions {
  readonly store: Pick<NodeLogStore, 'read'>;
  readonly clock: Clock;
  readonly query: LogSearchQuery;
  /** From the place on: the newest first. */
  readonly nodes: AsyncIterable<ScannedNode>;
  readonly resume: ScanPlace | undefined;
  readonly withinMs: number;
  /** Ends the search with its reason. */
  readonly signal?: AbortSignal | undefined;
}

export type ScannedNode = Pick<Node, 'id' | 'clusterName' | 'createdAt' | 'endedAt'>;

/** Hits as they are found, a slice's at a time; at the end, always, how far the search has come. */
export type ScanItem =
  | { readonly kind: 'hits'; readonly hits: readonly LogSearchHit[] }
  | { readonly kind: 'end'; readonly end: LogSearchEnd };

/** One search over the logs of nodes, one after another: bounded in time, in hits, and in memory to one slice. */
export class LogScan {
  readonly #options: LogScanOptions;
  readonly #filter: EntryFilter | undefined;
  readonly #highlight: (message: string) => Highlight[];
  readonly #endAtMs: number;
  #place: ScanPlace | undefined;
  #hitsLeft: number;
  #scannedNodes = 0;
  #scannedEntries = 0;
  #turnEndMs: number;

  /** Throws a LaunchlogError for an expression that cannot be used. */
  constructor(options: LogScanOptions) {
    this.#options = options;
    this.#filter = compileFilter(options.query);
    this.#highlight = highlighter(options.query);
    this.#place = options.resume;
    this.#hitsLeft = options.query.limit;
    const nowMs = options.clock.monotonic();
    this.#endAtMs = nowMs + options.withinMs;
    this.#turnEndMs = nowMs + TURN_MS;
  }

  async *run(): AsyncGenerator<ScanItem, void> {
    let partial: LogSearchEnd['partial'];
    try {
      for await (const node of this.#options.nodes) {
        this.#options.signal?.throwIfAborted();
        const from = this.#place?.nodeId === node.id ? this.#place.cursor : formatCursor(ORIGIN);
        this.#place = { createdAt: node.createdAt, nodeId: node.id, cursor: from };
        partial = this.#limitReached();
        if (partial !== undefined) break;
        if (this.#cannotMatch(node)) continue;
        this.#scannedNodes += 1;
        partial = yield* this.#scanNode(node, from);
        if (partial !== undefined) break;
      }
    } catch (error) {
      if (!(error instanceof LogStoreUnavailableError)) throw error;
      if (this.#scannedEntries === 0) throw error; // nothing was told yet: an error is the better answer
      partial = 'unavailable';
    }
    yield { kind: 'end', end: this.#end(partial) };
  }

  async *#scanNode(node: ScannedNode, from: string): AsyncGenerator<ScanItem, LogSearchEnd['partial']> {
    const start = parseCursor(from);
    const history = await LogHistory.open(this.#options.store, node.id);
    const { epoch } = history;
    for await (const step of history.forwards(start?.epoch === epoch ? start.seq : 0)) {
      if (step.kind !== 'slice') continue;
      const hits: LogSearchHit[] = [];
      let partial: LogSearchEnd['partial'];
      for (const { seq, entry } of readRecords(epoch, step.from, step.entries)) {
        const cursor = formatCursor({ epoch, seq, done: false });
        this.#scannedEntries += 1;
        this.#place = { createdAt: node.createdAt, nodeId: node.id, cursor };
        if (this.#filter?.matches(entry) ?? true) hits.push(this.#hit(node, entry, cursor));
        partial = this.#limitReached();
        if (partial !== undefined) break;
        await this.#letOthers();
      }
      if (hits.length > 0) yield { kind: 'hits', hits };
      if (partial !== undefined) return partial;
    }
    return undefined;
  }

  #hit(node: ScannedNode, entry: LogEntry, cursor: string): LogSearchHit {
    this.#hitsLeft -= 1;
    const highlights = this.#highlight(entry.message);
    return { nodeId: node.id, clusterName: node.clusterName, entry, cursor, highlights };
  }

  #limitReached(): LogSearchEnd['partial'] {
    if (this.#hitsLeft <= 0) return 'limit';
    return this.#options.clock.monotonic() >= this.#endAtMs ? 'time' : undefined;
  }

  /** All that it logged was logged outside the time that is asked for. */
  #cannotMatch({ createdAt, endedAt }: ScannedNode): boolean {
    const { since, until } = this.#options.query;
    const endedMs = endedAt === undefined ? Infinity : Date.parse(endedAt);
    return (
      (since !== undefined && endedMs + CLOCKS_DIFFER_MS < Date.parse(since)) ||
      (until !== undefined && Date.parse(createdAt) - CLOCKS_DIFFER_MS > Date.parse(until))
    );
  }

  async #letOthers(): Promise<void> {
    const { clock, signal } = this.#options;
    if (clock.monotonic() < this.#turnEndMs) return;
    await clock.sleep(0);
    signal?.throwIfAborted();
    this.#turnEndMs = clock.monotonic() + TURN_MS;
  }

  #end(partial: LogSearchEnd['partial']): LogSearchEnd {
    const scanned = { scannedNodes: this.#scannedNodes, scannedEntries: this.#scannedEntries };
    if (partial === undefined || this.#place === undefined) return { complete: true, ...scanned };
    return { complete: false, partial, nextCursor: formatScanPlace(this.#place), ...scanned };
  }
}
