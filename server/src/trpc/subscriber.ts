import { FeedEndedError } from '../feed/feed-item.js';

/** The socket behind a subscription, as procedures see it. */
export interface Subscriber {
  /** Resolves when the client has read enough of what it was sent. Whoever waits for it sends at the client's pace. */
  room(): Promise<void>;
  /** Bytes that the client is known to have taken. */
  progress(): number;
  /** The client opens a new socket, subscribes there again behind the last id it had, and closes this one. */
  askToReconnect(): void;
  /** One more subscription on this socket, until the returned function is called. Throws where it has too many. */
  enter(): () => void;
}

/** The items of a stream at the pace of its reader, counted as one of its subscriptions while it lasts. Where the stream is to be taken up again, the client is asked to. */
export async function* atPaceOf<Item>(
  subscriber: Subscriber | undefined,
  items: AsyncIterable<Item>,
  signal: AbortSignal,
): AsyncGenerator<Item, void> {
  const leave = subscriber?.enter();
  try {
    for await (const item of items) {
      await subscriber?.room();
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
