import type { MergedBatch, MergedSink } from '../../merged-feed/merged-item.js';
import { FedSubscription } from '../fed-subscription.js';
import type { SocketStreamOptions } from '../socket-stream.js';
import { MergedLogStream } from './merged-log-stream.js';
import { renderMergedFrames } from './merged-stream-frames.js';

/** One stream of many logs on one socket as a sink of the merged feed. */
export class MergedStreamSubscription extends FedSubscription<MergedBatch> implements MergedSink {
  constructor(options: SocketStreamOptions) {
    super(options, renderMergedFrames);
  }

  begin(opened: unknown): Promise<void> {
    if (!(opened instanceof MergedLogStream)) throw new Error('not a stream of many logs');
    this.feedBy(() => opened.attach(this));
    return Promise.resolve();
  }
}
