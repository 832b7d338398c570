import { MERGED_NODES_MAX, type MergedStreamQuery } from '@launchlog/shared/merged-log';
import type { Clock } from '../clock.js';
import type { EntryFilter } from '../feed/entry-filter.js';
import type { FeedEnd, FeedItem } from '../feed/feed-item.js';
import type { LogFeed } from '../feed/log-feed.js';
import { ReaderLifetime, type ReaderAge } from '../feed/reader-lifetime.js';
import type { NodeLogStore } from '../log/log-store.js';
import type { NodeOwner } from '../node-owner.js';
import { MergedBudget } from './merged-budget.js';
import type { MergedPosition } from './merged-cursor.js';
import { mergedItemBytes, type MergedBatch, type MergedItem, type MergedSink } from './merged-item.js';
import type { MergedMembers } from './merged-members.js';
import { MergedMembership } from './merged-membership.js';
import { MergedQueue, type TakenItem } from './merged-queue.js';
import { MergedSource, STORE_AWAY, STORE_BACK } from './merged-source.js';

/** The most items of one push. */
const BATCH_ITEMS = 256;
/** A batch is closed once it has this many bytes, and the sink is asked whether it has room. */
const BATCH_BYTES = 256 * 1024;
/** While an item waits for a log that is behind. */
const LOOK_AGAIN_MS = 25;
const RETRY_MS = 1_000;

/** What every merged stream is made of. */
export interface MergedParts extends ReaderAge {
  readonly feed: Pick<LogFeed, 'attach'>;
  readonly store: Pick<NodeLogStore, 'read'>;
  readonly members: MergedMembers;
  readonly clock: Clock;
}

interface MergedStreamOptions extends MergedParts {
  readonly scope: NodeOwner;
  readonly query: MergedStreamQuery;
  readonly filter: EntryFilter | undefined;
  readonly resume: MergedPosition | undefined;
  readonly sink: MergedSink;
  /** Called once, however the stream ends. */
  readonly onClosed: (stream: MergedStream) => void;
}

/**
 * `idle`: nothing can be sent now. `pumping`: items move from the queues to the sink. `full`: the sink has no room.
 *
 *   idle ──a log or the registry has something new──▶ pumping ──nothing is left──▶ idle
 *   idle, pumping ──the sink takes no more──▶ full ──resume──▶ idle
 *   every state ──end, close──▶ closed
 *
 * An idle stream looks again by itself while an item is held back for a log that is behind, and during an outage.
 */
type StreamState = 'idle' | 'pumping' | 'full' | 'closed';

/**
 * Many logs as one stream for one reader. A bounded number of items waits for each log. While the reader is slow, the
 * logs' own readers stay where they are and continue from history, as the reader of a single log would.
 */
export class MergedStream {
  readonly #options: MergedStreamOptions;
  readonly #membership: MergedMembership;
  readonly #queue: MergedQueue;
  readonly #budget = new MergedBudget();
  readonly #lifetime: ReaderLifetime;
  #state: StreamState = 'idle';
  /** Live nodes that are not shown, now and as last reported. */
  #beyond = 0;
  #reportedBeyond = 0;
  #outage: 'store' | 'refusal' | 'registry' | undefined;
  #stopTimer: (() => void) | undefined;

  constructor(options: MergedStreamOptions) {
    this.#options = options;
    this.#lifetime = new ReaderLifetime(options.clock.monotonic(), options);
    this.#queue = new MergedQueue(options.clock);
    this.#membership = new MergedMembership({
      ...options,
      onAdmitted: (nodeId, cursor) => this.#open(nodeId, cursor),
      onBeyond: (nodes) => (this.#beyond = nodes),
      onSettled: () => this.#pump(),
      onUnavailable: () => this.#notifyUnavailable(),
    });
    this.#membership.start();
  }

  /** Why the stream must be ended now, if it must. Asked about once a second. */
  exceeded(nowMs: number): 'max_age' | 'stalled' | undefined {
    return this.#lifetime.exceeded(nowMs, this.#is('full') ? this.#options.sink : undefined);
  }

  /** Bytes that wait for the reader. */
  get heldBytes(): number {
    return this.#budget.heldBytes;
  }

  resume(): void {
    if (!this.#is('full')) return;
    this.#state = 'idle';
    this.#pump();
  }

  /** The reader is gone. Idempotent. */
  close(): void {
    if (this.#is('closed')) return;
    this.#state = 'closed';
    this.#stopTimer?.();
    this.#membership.close();
    for (const source of this.#queue.sources.values()) source.close();
    this.#queue.sources.clear();
    this.#options.onClosed(this);
  }

  end(reason: FeedEnd): void {
    if (this.#is('closed')) return;
    this.close();
    this.#options.sink.end(reason);
  }

  #open(nodeId: string, cursor: string): void {
    if (this.#is('closed')) return;
    const { feed, query } = this.#options;
    const source = new MergedSource({
      nodeId,
      budget: this.#budget,
      attach: (from, sink) => feed.attach({ nodeId, query: { ...query, cursor: from }, sink }),
      onChange: () => this.#pump(),
    });
    this.#queue.sources.set(nodeId, source);
    source.open(cursor);
  }

  /** Moves items to the sink, as long as it has room. */
  #pump(): void {
    if (!this.#is('idle')) return;
    this.#state = 'pumping';
    try {
      while (this.#is('pumping')) {
        const batch = this.#gather();
        if (batch.length === 0) break;
        this.#push(batch);
      }
    } catch {
      this.end('failed');
    } finally {
      if (this.#is('pumping')) this.#state = 'idle';
    }
    this.#lookAgain();
  }

  #gather(): MergedBatch {
    const batch: MergedItem[] = [...this.#storeNotices(), ...this.#beyondNotice()];
    for (let bytes = 0; batch.length < BATCH_ITEMS && bytes < BATCH_BYTES;) {
      const taken = this.#queue.take();
      if (taken !== undefined) bytes += mergedItemBytes(this.#addTo(batch, taken));
      else if (!this.#settleSources()) break;
    }
    if (batch.length === 0 && this.#isComplete()) {
      const message = 'Log stream complete (follow=false)';
      this.#push([{ kind: 'end', cursor: this.#membership.cursor, message }]);
      this.end('done');
    }
    return batch;
  }

  #addTo(batch: MergedItem[], { source: { nodeId }, item }: TakenItem): MergedItem {
    if (movesPosition(item)) this.#membership.move(nodeId, item.cursor);
    const next: MergedItem = { kind: 'node', cursor: this.#membership.cursor, nodeId, item };
    batch.push(next);
    return next;
  }

  #push(batch: MergedBatch): void {
    if (this.#options.sink.push(batch)) return;
    if (!this.#is('closed')) this.#state = 'full';
    this.#lifetime.becameFull(this.#options.clock.monotonic());
  }

  /** Settles logs whose reader has ended and whose items were all taken. True when that may have brought new items. */
  #settleSources(): boolean {
    let changed = false;
    for (const source of this.#queue.sources.values()) {
      const reason = source.ended;
      if (reason === undefined || this.#is('closed')) continue;
      changed = true;
      this.#settle(source, reason);
    }
    return changed && !this.#is('closed');
  }

  #settle(source: MergedSource, reason: FeedEnd): void {
    const { nodeId } = source;
    switch (reason) {
      case 'draining':
        return this.end('draining');
      case 'max_age':
      case 'stalled':
      case 'revoked':
        // A part that is too old or stalled does not concern the whole, which has its own limits.
        return source.open(this.#membership.cursorOf(nodeId));
      case 'done':
      case 'failed':
        this.#queue.sources.delete(nodeId);
        return this.#membership.onEnded(nodeId, { gone: reason === 'failed' });
    }
  }

  #isComplete(): boolean {
    return !this.#options.query.follow && this.#queue.sources.size === 0 && this.#membership.isComplete;
  }

  /** Sent once for the whole stream, not once a log. */
  #storeNotices(): MergedItem[] {
    const sources = [...this.#queue.sources.values()];
    const away = sources.some((source) => source.isAway);
    if (away && this.#outage !== 'store') {
      this.#outage = 'store';
      const message = 'the log store cannot be reached; the logs continue when it is back';
      return [this.#notice(STORE_AWAY, message)];
    }
    const refused = sources.find((source) => source.refused !== undefined)?.refused;
    if (refused !== undefined && this.#outage !== 'refusal' && !away) {
      this.#outage = 'refusal';
      return [this.#notice(refused.code, refused.message)];
    }
    if (away || refused !== undefined || this.#outage === undefined || !this.#membership.isSettled) return [];
    const code = this.#outage === 'registry' ? 'node_store_back' : STORE_BACK;
    this.#outage = undefined;
    return [this.#notice(code, 'the stream continues')];
  }

  #notifyUnavailable(): void {
    if (this.#outage !== undefined || this.#is('full') || this.#is('closed')) return;
    this.#outage = 'registry';
    const message = 'the logs or their nodes cannot be read now; the stream continues when they can';
    this.#push([this.#notice('node_store_unavailable', message)]);
  }

  /** Sent whenever the number has changed, also when it is back at 0. */
  #beyondNotice(): MergedItem[] {
    const count = this.#beyond;
    if (count === this.#reportedBeyond) return [];
    this.#reportedBeyond = count;
    const message =
      count === 0
        ? 'all live nodes are shown'
        : `${count} more nodes are live: a stream shows ${MERGED_NODES_MAX} at once, and the next as one of them ends`;
    return [this.#notice('nodes_waiting', message, count)];
  }

  #notice(code: string, message: string, count?: number): MergedItem {
    const notice = { code, message, ...(count === undefined ? {} : { count }) };
    return { kind: 'notice', cursor: this.#membership.cursor, notice };
  }

  /** A method, because the state changes in calls that the compiler does not see. */
  #is(state: StreamState): boolean {
    return this.#state === state;
  }

  #lookAgain(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    if (!this.#is('idle')) return;
    const { clock } = this.#options;
    if (this.#queue.isWaiting) this.#stopTimer = clock.after(LOOK_AGAIN_MS, () => this.#pump());
    else if (this.#outage !== undefined) this.#stopTimer = clock.after(RETRY_MS, () => this.#pump());
  }
}

/** A status or a notice shows a state; it does not move the reader. */
function movesPosition(item: FeedItem): boolean {
  switch (item.kind) {
    case 'log':
    case 'gap':
    case 'reset':
      return true;
    case 'done':
      return item.final;
    case 'status':
    case 'notice':
      return false;
  }
}
