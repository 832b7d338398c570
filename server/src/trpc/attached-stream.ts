import { LogStreamSubscription } from './log-stream-subscription.js';
import { MergedStreamSubscription } from './merged-stream/merged-stream-subscription.js';
import { NodeWatchSubscription } from './node-watch/node-watch-subscription.js';
import type { Attachment } from './procedure.js';
import type { SocketStream, SocketStreamOptions } from './socket-stream.js';

/** Creates the stream that a socket serves by itself, for what the procedure resolves to. */
export function attachedStream(attachment: Attachment, options: SocketStreamOptions): SocketStream {
  switch (attachment) {
    case 'log':
      return new LogStreamSubscription(options);
    case 'merged':
      return new MergedStreamSubscription(options);
    case 'watch':
      return new NodeWatchSubscription(options);
  }
}
