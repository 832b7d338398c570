import type { Done, StatusEvent } from '@launchlog/shared/event';
import type { LogStreamQuery } from '@launchlog/shared/log-query';
import type { Clock } from '../clock.js';
import type { FeedBatch, FeedReader, FeedSink } from './feed-item.js';
import type { NodeLogStore } from './log-store.js';

/** Where a node stands, as the registry knows it. */
export interface NodeSnapshot {
  readonly status: StatusEvent;
  readonly done: Done;
}

export interface LogFeedOptions {
  readonly store: NodeLogStore;
  readonly clock: Clock;
  /** Undefined when there is no such node. */
  readonly nodeSnapshot: (nodeId: string) => Promise<NodeSnapshot | undefined>;
  /** A reader is sent away with `max_age` after so long, so that it comes again by its cursor. */
  readonly maxAgeMs: number;
}

export interface AttachRequest {
  readonly nodeId: string;
  readonly query: LogStreamQuery;
  readonly sink: FeedSink;
}

/** The fan-out of one process: one subscription a node, whatever the number of readers. */
export class LogFeed {
  readonly options: LogFeedOptions;

  constructor(options: LogFeedOptions) {
    this.options = options;
  }

  /** Push. Throws a LaunchlogError when the query cannot be used; nothing is pushed before it returns. */
  attach(request: AttachRequest): FeedReader {
    throw new Error(`not written yet: ${request.nodeId}`);
  }

  /**
   * Pull, over a bounded queue. Ends after `done` or by the signal; any other end is thrown as a `FeedEndedError`.
   */
  follow(nodeId: string, query: LogStreamQuery, signal: AbortSignal): AsyncIterable<FeedBatch> {
    throw new Error(`not written yet: ${nodeId} ${query.tail} ${signal.aborted}`);
  }

  /** Shutdown: every reader is told to come again. */
  drain(): void {}

  /** Harmless when called twice. */
  close(): Promise<void> {
    return Promise.resolve();
  }
}
