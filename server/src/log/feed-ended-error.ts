import type { FeedEnd } from './feed-item.js';

/** A stream was ended although the log goes on; the reader should come again by its cursor. */
export class FeedEndedError extends Error {
  readonly reason: Exclude<FeedEnd, 'done'>;

  constructor(reason: Exclude<FeedEnd, 'done'>) {
    super(`the stream was ended: ${reason}`);
    this.name = 'FeedEndedError';
    this.reason = reason;
  }
}
