import type { LogStreamQuery } from '@launchlog/shared/log-query';
import type { Clock } from '../clock.js';
import type { NodeLogStore } from '../log/log-store.js';
import type { StoreRefusal } from '../log/store-refusal.js';
import { BatchQueue } from './batch-queue.js';
import { compileFilter } from './entry-filter.js';
import { IdleLook } from './idle-look.js';
import { itemBytes } from './feed-item.js';
import { DeliveryTurns } from './delivery-turns.js';
import type { FeedBatch, FeedItem, FeedReader, FeedSink } from './feed-item.js';
import { NO_LOG_FEED_METER, type LogFeedMeter, type ReaderCounts } from './log-feed-meter.js';
import { NodeFeed, type NodeSnapshot } from './node-feed.js';
import { TurnDeliveries } from './turn-deliveries.js';

const SWEEP_EVERY_MS = 1_000;

interface LogFeedOptions {
  readonly store: NodeLogStore;
  readonly clock: Clock;
  /** Undefined when there is no such node. */
  readonly nodeSnapshot: (nodeId: string) => Promise<NodeSnapshot | undefined>;
  /** Which of these nodes have ended. */
  readonly endedNodes: (nodeIds: readonly string[]) => Promise<readonly string[]>;
  /** A reader is ended with `max_age` after this time, so that it reconnects with its cursor. */
  readonly maxAgeMs: number;
  /** From 0 to 1; spreads the ends of readers that came together. */
  readonly random?: () => number;
  readonly meter?: LogFeedMeter;
  /** Why the store takes no entries although it answers. Asked once a second for each node with readers. */
  readonly storeRefusal?: () => StoreRefusal | undefined;
}

const DEFAULTS = { random: Math.random, meter: NO_LOG_FEED_METER, storeRefusal: () => undefined };

interface AttachRequest {
  readonly nodeId: string;
  readonly query: LogStreamQuery;
  readonly sink: FeedSink;
}

/** The fan-out of one process: one subscription per node, however many readers it has. It does not close the store. */
export class LogFeed {
  readonly #options: LogFeedOptions;
  readonly #nodes = new Map<string, NodeFeed>();
  readonly #turns: DeliveryTurns;
  readonly #deliveries: TurnDeliveries;
  readonly #idleLook: IdleLook;
  readonly #stopSweeps: () => void;
  #draining = false;

  constructor(options: LogFeedOptions) {
    this.#options = options;
    this.#turns = new DeliveryTurns(options.clock);
    this.#deliveries = new TurnDeliveries({ ...DEFAULTS, ...options, turns: this.#turns });
    this.#idleLook = new IdleLook(options);
    this.#stopSweeps = options.clock.every(SWEEP_EVERY_MS, () => this.#sweep());
  }

  /** Readers attached now, and nodes subscribed to. */
  get counts(): { readonly readers: number; readonly nodes: number } {
    let readers = 0;
    for (const node of this.#nodes.values()) readers += node.readers;
    return { readers, nodes: this.#nodes.size };
  }

  /** What the readers attached now are doing. Walks over all of them. */
  get readerCounts(): ReaderCounts {
    const total = { live: 0, behind: 0, full: 0 };
    for (const node of this.#nodes.values()) {
      const { live, behind, full } = node.readerCounts;
      total.live += live;
      total.behind += behind;
      total.full += full;
    }
    return total;
  }

  /** Push. Throws a LaunchlogError for an invalid query; nothing is pushed before it returns. */
  attach({ nodeId, query, sink }: AttachRequest): FeedReader {
    const filter = compileFilter(query);
    if (this.#draining) return turnAway(sink);
    let node = this.#nodes.get(nodeId);
    if (node === undefined) {
      const shared = { turns: this.#turns, deliveries: this.#deliveries };
      node = new NodeFeed({ ...DEFAULTS, ...this.#options, ...shared, nodeId });
      this.#nodes.set(nodeId, node);
    }
    return node.attach({ query, sink, filter });
  }

  /**
   * Pull, over a bounded queue. Ends after `done` or by the signal; any other end is thrown as a `FeedEndedError`.
   * Throws a LaunchlogError at once for an invalid query.
   */
  follow(nodeId: string, query: LogStreamQuery, signal: AbortSignal): AsyncIterable<FeedBatch> {
    compileFilter(query); // an invalid query is refused here, not at the first step of the iteration
    return new BatchQueue<FeedItem>({
      attach: (sink) => this.attach({ nodeId, query, sink }),
      bytesOf: itemBytes,
      signal,
    });
  }

  /** Shutdown: every reader is asked to reconnect, and so is each one that comes from now on. */
  drain(): void {
    this.#draining = true;
    for (const node of this.#nodes.values()) node.endAll('draining');
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.drain();
    this.#stopSweeps();
    const nodes = [...this.#nodes.values()];
    this.#nodes.clear();
    await Promise.all(nodes.map((node) => node.close()));
  }

  #sweep(): void {
    const nowMs = this.#options.clock.monotonic();
    const refusal = this.#options.storeRefusal?.();
    const silent: NodeFeed[] = [];
    for (const node of this.#nodes.values()) {
      if (node.sweep(nowMs, refusal)) {
        if (node.isSilent(nowMs)) silent.push(node);
        continue;
      }
      this.#nodes.delete(node.nodeId);
      void node.close();
    }
    void this.#idleLook.look(silent);
  }
}

function turnAway(sink: FeedSink): FeedReader {
  let open = true;
  queueMicrotask(() => {
    if (open) sink.end('draining');
  });
  return { isLive: true, resume: () => undefined, close: () => (open = false) };
}
