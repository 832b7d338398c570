import { LogStreamSubscription } from './log-stream-subscription.js';
import { MergedStreamSubscription } from './merged-stream/merged-stream-subscription.js';
import { NodeWatchSubscription } from './node-watch/node-watch-subscription.js';
import type { attachmentOf } from './procedure.js';
import type { SocketStream, SocketStreamOptions } from './socket-stream.js';

/** The stream that a socket serves by itself, by what the procedure resolves to. */
export function attachedStream(
  attached: ReturnType<typeof attachmentOf>,
  options: SocketStreamOptions,
): SocketStream {
  switch (attached) {
    case 'log':
      return new LogStreamSubscription(options);
    case 'merged':
      return new MergedStreamSubscription(options);
    case 'watch':
    case undefined:
      return new NodeWatchSubscription(options);
  }
}
