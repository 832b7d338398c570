import type { Notice } from '@launchlog/shared/event';
import type { MergedStreamQuery } from '@launchlog/shared/merged-log';
import type { Clock } from '../clock.js';
import type { EntryFilter } from '../feed/entry-filter.js';
import type { FeedEnd } from '../feed/feed-item.js';
import type { LogFeed } from '../feed/log-feed.js';
import { ReaderLifetime, type ReaderAge } from '../feed/reader-lifetime.js';
import type { NodeLogStore } from '../log/log-store.js';
import type { NodeOwner } from '../node-owner.js';
import { HistoryAnnouncement } from './history-announcement.js';
import { MergedBatchDraft } from './merged-batch-draft.js';
import { MergedBudget } from './merged-budget.js';
import type { MergedResume } from './merged-cursor.js';
import type { MergedItem, MergedSink } from './merged-item.js';
import type { MergedMembers } from './merged-members.js';
import { MergedMembership } from './merged-membership.js';
import { SavedPosition } from './saved-position.js';
import { MergedQueue, type TakenItem } from './merged-queue.js';
import { MergedSource } from './merged-source.js';
import { StreamNotices } from './stream-notices.js';

/** How often it is tried again while an item waits for a log that is behind. */
const LOOK_AGAIN_MS = 25;
const RETRY_MS = 1_000;

/** The parts that all merged streams share. */
export interface MergedParts extends ReaderAge {
  readonly feed: Pick<LogFeed, 'attach'>;
  readonly store: Pick<NodeLogStore, 'read' | 'positions'>;
  readonly members: MergedMembers;
  readonly clock: Clock;
}

interface MergedStreamOptions extends MergedParts {
  readonly scope: NodeOwner;
  readonly query: MergedStreamQuery;
  readonly filter: EntryFilter | undefined;
  readonly resume: MergedResume | undefined;
  readonly sink: MergedSink;
  /** Called once, however the stream ends. */
  readonly onClosed: (stream: MergedStream) => void;
}

/**
 * `idle`: nothing can be sent now. `pumping`: items move from the queues to the sink, by way of the store, which remembers
 * the position of the reader first. `full`: the sink has no room.
 *
 *   idle ──a log or the registry has something new──▶ pumping ──nothing is left──▶ idle
 *   pumping ──the sink takes no more──▶ full ──resume──▶ idle
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
  readonly #position: SavedPosition;
  readonly #notices = new StreamNotices();
  readonly #history: HistoryAnnouncement;
  readonly #budget = new MergedBudget();
  readonly #lifetime: ReaderLifetime;
  #state: StreamState = 'idle';
  #isWoken = false;
  /** Items have left the queues, and their position is not stored. */
  #unsaved: MergedBatchDraft | undefined;
  #stopTimer: (() => void) | undefined;

  constructor(options: MergedStreamOptions) {
    this.#options = options;
    const { clock, store, scope, query } = options;
    this.#lifetime = new ReaderLifetime(clock.monotonic(), options);
    this.#queue = new MergedQueue(clock);
    this.#position = new SavedPosition({ store: store.positions, scope, cursor: query.cursor });
    this.#history = new HistoryAnnouncement(query.announceHistory);
    this.#membership = new MergedMembership({
      ...options,
      onFound: (logs) => this.#found(logs),
      onPositionLost: (lost) => this.#notices.positionIsLost(lost),
      onAdmitted: (nodeId, cursor) => this.#open(nodeId, cursor),
      onBeyond: (nodes) => this.#notices.beyond(nodes),
      onSettled: () => this.#wake(),
      onUnavailable: () => this.#notifyUnavailable(),
    });
    this.#membership.start();
  }

  /** Why the stream must end now; undefined if it need not. Asked about once a second. */
  exceeded(nowMs: number): 'max_age' | 'stalled' | undefined {
    return this.#lifetime.exceeded(nowMs, this.#is('full') ? this.#options.sink : undefined);
  }

  /** Bytes that wait for the reader. */
  get heldBytes(): number {
    return this.#budget.heldBytes;
  }

  /** Logs that are read for it. */
  get logs(): number {
    return this.#queue.size;
  }

  resume(): void {
    if (!this.#is('full')) return;
    this.#state = 'idle';
    this.#isWoken = false;
    this.#wake();
  }

  /** The reader is gone. Idempotent. */
  close(): void {
    if (this.#is('closed')) return;
    this.#state = 'closed';
    this.#stopTimer?.();
    this.#membership.close();
    this.#queue.close();
    this.#position.close();
    this.#options.onClosed(this);
  }

  end(reason: FeedEnd): void {
    if (this.#is('closed')) return;
    this.close();
    this.#options.sink.end(reason);
  }

  #found(logs: number): void {
    this.#history.found(logs);
    this.#wake();
  }

  #open(nodeId: string, cursor: string): void {
    if (this.#is('closed')) return;
    const { feed, query } = this.#options;
    const source: MergedSource = new MergedSource({
      nodeId,
      budget: this.#budget,
      attach: (from, sink) => feed.attach({ nodeId, query: { ...query, cursor: from }, sink }),
      onChange: () => this.#changed(source),
    });
    this.#queue.add(source);
    source.open(cursor);
    this.#queue.changed(source);
  }

  #changed(source: MergedSource): void {
    this.#queue.changed(source);
    this.#notices.heed(source);
    this.#wake();
  }

  /** All logs that deliver in this moment are sent together. */
  #wake(): void {
    if (this.#isWoken) return;
    this.#isWoken = true;
    if (this.#is('idle')) queueMicrotask(() => this.#start());
  }

  #start(): void {
    if (this.#is('idle')) void this.#pump();
  }

  /** Moves items to the sink, as long as it has room. */
  async #pump(): Promise<void> {
    this.#state = 'pumping';
    this.#stopTimer?.();
    try {
      while (this.#is('pumping') && (await this.#pumpOnce()));
    } catch {
      this.end('failed');
    }
    if (this.#is('pumping')) this.#state = 'idle';
    if (this.#isWoken) queueMicrotask(() => this.#start());
    this.#lookAgain();
  }

  /** False when nothing is left. */
  async #pumpOnce(): Promise<boolean> {
    const draft = this.#unsaved ?? this.#gather();
    if (draft.isEmpty && this.#isComplete()) draft.addEnd('Log stream complete (follow=false)');
    if (draft.isEmpty) return this.#isWoken;
    const batch = draft.needsPosition ? await this.#saved(draft) : draft.finish(() => this.#position.cursor);
    if (batch === undefined) return false;
    this.#push(batch);
    if (draft.isLast) this.end('done');
    return true;
  }

  /** Stores the position after the batch. While the store is away the batch waits: it could not be resumed after. */
  async #saved(draft: MergedBatchDraft): Promise<readonly MergedItem[] | undefined> {
    this.#unsaved = draft;
    while (this.#is('pumping')) {
      try {
        const cursorAfter = await this.#position.save(this.#membership.positions, draft.moves);
        this.#unsaved = undefined;
        return this.#is('pumping') ? draft.finish(cursorAfter) : undefined;
      } catch {
        if (!this.#notices.isOutage) this.#report(this.#notices.storeIsAway());
        if (!this.#is('pumping')) break;
        await new Promise<void>(
          (resolve) => (this.#stopTimer = this.#options.clock.after(RETRY_MS, resolve)),
        );
      }
    }
    return undefined;
  }

  #gather(): MergedBatchDraft {
    this.#isWoken = false;
    const draft = new MergedBatchDraft(this.#membership);
    const loading = this.#history.begin();
    if (loading !== undefined) draft.addNotice(loading);
    for (const notice of this.#notices.take(this.#membership)) draft.addNotice(notice);
    // Before all logs are open, the earliest line is unknown.
    if (!this.#membership.isOpen) return draft;
    while (!draft.isFull) {
      const taken = this.#queue.take();
      if (taken !== undefined) this.#addTo(draft, taken);
      else if (!this.#settleSources()) break;
    }
    if (draft.isFull || !this.#membership.isSettled || !this.#queue.isLive) return draft;
    const complete = this.#history.end();
    if (complete !== undefined) draft.addNotice(complete);
    return draft;
  }

  #addTo(draft: MergedBatchDraft, { source, item }: TakenItem): void {
    if (item.kind === 'log') this.#history.count();
    draft.add(source.nodeId, item);
  }

  #push(batch: readonly MergedItem[]): void {
    if (this.#options.sink.push(batch)) return;
    if (!this.#is('closed')) this.#state = 'full';
    this.#lifetime.becameFull(this.#options.clock.monotonic());
  }

  /** Settles logs whose reader has ended and whose items were all taken. True when that may have brought new items. */
  #settleSources(): boolean {
    const ended = this.#queue.takeEnded();
    for (const source of ended) {
      const reason = source.ended;
      if (reason !== undefined && !this.#is('closed')) this.#settle(source, reason);
    }
    return ended.length > 0 && !this.#is('closed');
  }

  #settle(source: MergedSource, reason: FeedEnd): void {
    const { nodeId } = source;
    switch (reason) {
      case 'draining':
        return this.end('draining');
      case 'max_age':
      case 'stalled':
      case 'revoked':
        // The age or stall of a single log does not end the stream, which has limits of its own.
        source.open(this.#membership.positions.cursorOf(nodeId));
        return this.#queue.changed(source);
      case 'done':
      case 'failed':
        this.#queue.remove(source);
        this.#notices.forget(source);
        return this.#membership.onEnded(nodeId, { gone: reason === 'failed' });
    }
  }

  #isComplete(): boolean {
    return !this.#options.query.follow && this.#queue.size === 0 && this.#membership.isComplete;
  }

  #notifyUnavailable(): void {
    if (!this.#notices.isOutage && this.#is('idle')) this.#report(this.#notices.registryIsAway());
  }

  #report(notice: Notice): void {
    this.#push([{ kind: 'notice', cursor: this.#position.cursor, notice }]);
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
    if (this.#queue.isWaiting || this.#history.isPending)
      this.#stopTimer = clock.after(LOOK_AGAIN_MS, () => this.#wake());
    else if (this.#notices.isOutage) this.#stopTimer = clock.after(RETRY_MS, () => this.#wake());
  }
}
