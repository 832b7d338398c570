import type { Clock } from '../../clock.js';
import { PumpedStream } from '../../edge/event-stream/pumped-stream.js';
import { FeedEndedError } from '../../feed/feed-item.js';
import type { FeedEnd, FeedSink, StreamHandle } from '../../feed/feed-item.js';
import type { LogFeed } from '../../feed/log-feed.js';
import { LogStream } from '../log-stream.js';
import { MergedLogStream } from '../merged-stream/merged-log-stream.js';
import { NodeWatchStream } from '../node-watch/node-watch-stream.js';
import { itemFrame, logFrames, mergedFrames, watchFrames } from './event-frames.js';

/** A response that takes frames. */
interface FrameSink {
  push(frames: string): boolean;
  progress(): number;
  end(reason: FeedEnd): void;
}

/** Starts writing a subscription into a response. May throw, but only before anything is written. */
type EventReader = (sink: FrameSink) => StreamHandle;

export interface EventReaderServices {
  readonly feed: Pick<LogFeed, 'attach'>;
  readonly clock: Clock;
  /** A stream ends after this time; its client reconnects with its last id. */
  readonly maxAgeMs: number;
}

interface Opening {
  /** Aborted when the client has left. */
  readonly left: AbortSignal;
  /** Called when the stream fails after it has started. */
  readonly onFailed: (cause: unknown) => void;
}

/** Returns the reader of what a procedure has resolved to. Rejects if that cannot be read, before any byte is written. */
export async function eventReader(
  opened: unknown,
  services: EventReaderServices,
  opening: Opening,
): Promise<EventReader> {
  if (opened instanceof LogStream) {
    const found = await opened.find();
    return (sink) =>
      services.feed.attach({ ...found, sink: rendered(sink, (batch) => logFrames.get(batch)) });
  }
  if (opened instanceof MergedLogStream) return (sink) => opened.attach(rendered(sink, mergedFrames));
  if (opened instanceof NodeWatchStream) return watchReader(opened, services, opening);
  return (sink) => pumped(rendered(sink, itemFrame), opened as AsyncIterable<unknown>, opening);
}

/**
 * Waits for the snapshot, which shows whether the registry can be read. A resumed watch has none, and may have nothing to send
 * for long. A watch has no maximum age of its own, so the reader sets one.
 */
async function watchReader(
  stream: NodeWatchStream,
  { clock, maxAgeMs }: EventReaderServices,
  opening: Opening,
): Promise<EventReader> {
  const batches = stream.batches(opening.left)[Symbol.asyncIterator]();
  opening.left.addEventListener('abort', () => void batches.return?.(), { once: true });
  const first = stream.isResumed ? undefined : await batches.next();
  return (sink) => {
    const cancel = clock.after(maxAgeMs, () => sink.end('max_age'));
    opening.left.addEventListener('abort', cancel, { once: true });
    const items = startingWith(first, batches);
    return pumped(rendered(sink, watchFrames), items, { ...opening, endOfItems: 'max_age' });
  };
}

async function* startingWith<Item>(
  first: IteratorResult<Item, void> | undefined,
  others: AsyncIterator<Item, void>,
): AsyncGenerator<Item, void> {
  for (let next = first ?? (await others.next()); next.done !== true; next = await others.next()) {
    yield next.value;
  }
}

/** Pumps the items of any other procedure into the sink. Their end is the end of the stream. */
function pumped<Item>(
  sink: Pick<FrameSink, 'end'> & { push(item: Item): boolean },
  items: AsyncIterable<Item>,
  { onFailed, endOfItems = 'done' }: Opening & { readonly endOfItems?: FeedEnd },
): StreamHandle {
  const stream = new PumpedStream<Item>(sink, endOfItems);
  // The head of the response must be written first.
  queueMicrotask(() => stream.start(() => watched(items, onFailed)));
  return stream;
}

/** Reports a failure of the items. A feed that ends a stream so that its client resumes elsewhere has not failed. */
async function* watched<Item>(
  items: AsyncIterable<Item>,
  onFailed: Opening['onFailed'],
): AsyncGenerator<Item, void> {
  try {
    yield* items;
  } catch (cause) {
    if (!(cause instanceof FeedEndedError)) onFailed(cause);
    throw cause;
  }
}

function rendered<Batch>(sink: FrameSink, render: (batch: Batch) => string) {
  return {
    push: (batch: Batch) => sink.push(render(batch)),
    progress: () => sink.progress(),
    end: (reason: FeedEnd) => sink.end(reason),
  } satisfies Pick<FeedSink, 'progress' | 'end'> & { push(batch: Batch): boolean };
}
