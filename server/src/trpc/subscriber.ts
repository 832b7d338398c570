import { FeedEndedError } from '../feed/feed-item.js';

/** The socket behind a subscription, as procedures see it. */
export interface Subscriber {
  /** Resolves when the client has read enough of what it was sent: a sender that awaits it keeps the client's pace. */
  drained(): Promise<void>;
  /** Bytes that the client has confirmed. */
  progress(): number;
  /** Asks the client to open a new socket, to subscribe there after the last id it had, and to close this one. */
  askToReconnect(): void;
  /** Counts one more subscription on this socket, until the returned function is called. Throws if there are too many. */
  enter(): () => void;
}

/**
 * Yields the items of a stream at the pace of its client, and counts as one of its subscriptions meanwhile. When the feed
 * ends a stream that should be resumed, the client is asked to reconnect.
 */
export async function* atPaceOf<Item>(
  subscriber: Subscriber | undefined,
  items: AsyncIterable<Item>,
  signal: AbortSignal,
): AsyncGenerator<Item, void> {
  const leave = subscriber?.enter();
  try {
    for await (const item of items) {
      await subscriber?.drained();
      if (signal.aborted) return;
      yield item;
    }
  } catch (error) {
    if (subscriber === undefined || !(error instanceof FeedEndedError) || error.reason === 'failed')
      throw error;
    subscriber.askToReconnect();
    await aborted(signal);
  } finally {
    leave?.();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
