import type { FeedEnd } from '../feed/feed-item.js';
import type { LogFeed } from '../feed/log-feed.js';

/** A subscription that a socket serves by itself, with bytes that it shares with other sockets. See decision 41. */
export interface SocketStream {
  /** The beginning of each of its messages. */
  readonly prefix: string;
  /** Starts sending what a procedure has resolved to. Rejects if that cannot be read. */
  begin(opened: unknown): Promise<void>;
  /** Called when the socket has room again. */
  resume(): void;
  /** Idempotent. */
  close(): void;
}

/** The socket as its streams see it. */
export interface FrameWriter {
  /** Takes the bytes in any case; false when the socket is full. */
  write(frames: Buffer): boolean;
  /** Bytes that the client has confirmed. */
  readonly confirmedBytes: number;
}

export interface SocketStreamOptions {
  readonly feed: Pick<LogFeed, 'attach'>;
  readonly prefix: string;
  readonly writer: FrameWriter;
  readonly onEnd: (reason: FeedEnd) => void;
  /** Called when the stream fails after it has started. */
  readonly onFailed: (cause: unknown) => void;
}
