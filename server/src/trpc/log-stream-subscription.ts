import type { FeedBatch, FeedSink } from '../feed/feed-item.js';
import { FedSubscription } from './fed-subscription.js';
import { renderFrames } from './log-stream-frames.js';
import { LogStream } from './log-stream.js';
import type { SocketStreamOptions } from './socket-stream.js';

/** One `nodes.logsStream` on one socket as a sink of the feed. */
export class LogStreamSubscription extends FedSubscription<FeedBatch> implements FeedSink {
  readonly #feed: SocketStreamOptions['feed'];

  constructor(options: SocketStreamOptions) {
    super(options, renderFrames);
    this.#feed = options.feed;
  }

  async begin(opened: unknown): Promise<void> {
    if (!(opened instanceof LogStream)) throw new Error('not a log stream');
    const found = await opened.find();
    this.feedBy(() => this.#feed.attach({ ...found, sink: this }));
  }
}
