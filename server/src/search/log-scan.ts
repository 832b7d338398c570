import { formatCursor, ORIGIN, parseCursor } from '@launchlog/shared/cursor';
import type { LogEntry } from '@launchlog/shared/log-entry';
import type { LogSearchEnd, LogSearchHit, LogSearchQuery } from '@launchlog/shared/log-search';
import type { Node } from '@launchlog/shared/node';
import type { Clock } from '../clock.js';
import { compileFilter, type EntryFilter } from '../feed/entry-filter.js';
import { LogHistory } from '../log/log-history.js';
import { readRecords } from '../log/log-record.js';
import { LogStoreUnavailableError, type NodeLogStore } from '../log/log-store.js';
import { heavyWork } from '../wait/fair-turns.js';
import { formatScanPosition, type ScanPosition } from './log-scan-cursor.js';
import { highlighter, type Highlight } from './log-scan-highlights.js';

/** A search yields the event loop to others after this time. */
const TURN_MS = 10;
/** Largest difference expected between the clocks of the registry and of the log's writer. */
const CLOCKS_DIFFER_MS = 10 * 60_000;

interface LogScanOptions {
  readonly store: Pick<NodeLogStore, 'read'>;
  readonly clock: Clock;
  readonly query: LogSearchQuery;
  /** The nodes to search, newest first, beginning with that of `resume`. */
  readonly nodes: AsyncIterable<ScannedNode>;
  readonly resume: ScanPosition | undefined;
  readonly withinMs: number;
  /** Ends the search with its reason. */
  readonly signal?: AbortSignal | undefined;
}

export type ScannedNode = Pick<Node, 'id' | 'clusterName' | 'createdAt' | 'endedAt'>;

/** The hits of one slice as they are found; last, always, the position of the search. */
export type ScanItem =
  | { readonly kind: 'hits'; readonly hits: readonly LogSearchHit[] }
  | { readonly kind: 'end'; readonly end: LogSearchEnd };

/** Searches the logs of nodes, one after another, within bounds of time and hits; holds one slice in memory. */
export class LogScan {
  readonly #options: LogScanOptions;
  readonly #filter: EntryFilter | undefined;
  readonly #highlight: (message: string) => Highlight[];
  readonly #endAtMs: number;
  #position: ScanPosition | undefined;
  #hitsLeft: number;
  #scannedNodes = 0;
  #scannedEntries = 0;
  #turnEndMs: number;

  /** Throws a LaunchlogError for an invalid expression. */
  constructor(options: LogScanOptions) {
    this.#options = options;
    this.#filter = compileFilter(options.query);
    this.#highlight = highlighter(options.query);
    this.#position = options.resume;
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
        const from = this.#position?.nodeId === node.id ? this.#position.cursor : formatCursor(ORIGIN);
        this.#position = { createdAt: node.createdAt, nodeId: node.id, cursor: from };
        partial = this.#limitReached();
        if (partial !== undefined) break;
        if (this.#cannotMatch(node)) continue;
        this.#scannedNodes += 1;
        partial = yield* this.#scanNode(node, from);
        if (partial !== undefined) break;
      }
    } catch (error) {
      if (!(error instanceof LogStoreUnavailableError)) throw error;
      if (this.#scannedEntries === 0) throw error; // nothing was sent yet: an error is the better answer
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
        this.#position = { createdAt: node.createdAt, nodeId: node.id, cursor };
        if (this.#filter?.matches(entry) ?? true) hits.push(this.#hit(node, entry, cursor));
        partial = this.#limitReached();
        if (partial !== undefined) break;
        await this.#yieldToOthers();
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

  /** The node logged nothing in the requested time. */
  #cannotMatch({ createdAt, endedAt }: ScannedNode): boolean {
    const { since, until } = this.#options.query;
    const endedMs = endedAt === undefined ? Infinity : Date.parse(endedAt);
    return (
      (since !== undefined && endedMs + CLOCKS_DIFFER_MS < Date.parse(since)) ||
      (until !== undefined && Date.parse(createdAt) - CLOCKS_DIFFER_MS > Date.parse(until))
    );
  }

  async #yieldToOthers(): Promise<void> {
    const { clock, signal } = this.#options;
    if (clock.monotonic() < this.#turnEndMs) return;
    await heavyWork.turn();
    signal?.throwIfAborted();
    this.#turnEndMs = clock.monotonic() + TURN_MS;
  }

  #end(partial: LogSearchEnd['partial']): LogSearchEnd {
    const scanned = { scannedNodes: this.#scannedNodes, scannedEntries: this.#scannedEntries };
    if (partial === undefined || this.#position === undefined) return { complete: true, ...scanned };
    return { complete: false, partial, nextCursor: formatScanPosition(this.#position), ...scanned };
  }
}
