import type { ServerResponse } from 'node:http';
import type { Clock } from '../../clock.js';
import type { StreamHandle } from '../../feed/feed-item.js';
import { whenRevoked } from '../../principal.js';
import type { Principal } from '../../principal.js';
import { HEARTBEAT_FRAME, openingFrame } from './opening-frame.js';
import { SseStream } from './sse-stream.js';
import type { StreamLimit } from './stream-limit.js';

export interface SseStreamsOptions<Batch> {
  readonly clock: Clock;
  /** Between 0 and 1. */
  readonly random: () => number;
  readonly heartbeatMs: number;
  /** Bytes that may wait for one slow client. */
  readonly bufferMaxBytes: number;
  readonly streamLimit: StreamLimit;
  readonly render: (batch: Batch) => string;
  readonly frames?: ProtocolFrames;
}

/** What a protocol on top of server-sent events sends besides its batches. */
interface ProtocolFrames {
  /** Follows the first frame. */
  readonly opening: string;
  readonly heartbeat: string;
  /** The last of a stream that has nothing more to send, after which clients do not reconnect. */
  readonly completed: string;
}

interface SseClient {
  readonly response: ServerResponse;
  readonly principal: Principal;
}

export const EVENT_STREAM_HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
} as const;

const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 3_000;
const PLAIN: ProtocolFrames = { opening: '', heartbeat: HEARTBEAT_FRAME, completed: '' };

/** The open event streams of one route: their opening, their heartbeat and their end. */
export class SseStreams<Batch> {
  readonly #options: SseStreamsOptions<Batch>;
  readonly #frames: ProtocolFrames;
  readonly #open = new Set<SseStream<Batch>>();
  readonly #stopBeating: () => void;

  constructor(options: SseStreamsOptions<Batch>) {
    this.#options = options;
    this.#frames = options.frames ?? PLAIN;
    const heartbeat = Buffer.from(this.#frames.heartbeat);
    this.#stopBeating = options.clock.every(options.heartbeatMs, () => {
      for (const stream of this.#open) stream.beat(heartbeat);
    });
  }

  /** Streams that are open now. */
  get size(): number {
    return this.#open.size;
  }

  /** `attach` may refuse by throwing: nothing has been written then. */
  open({ response, principal }: SseClient, attach: (sink: SseStream<Batch>) => StreamHandle): void {
    const { random, bufferMaxBytes, render, streamLimit } = this.#options;
    const { opening, completed } = this.#frames;
    if (response.destroyed) return; // the client left while it was authenticated
    const stream = new SseStream<Batch>({ response, bufferMaxBytes, render, completed });
    streamLimit.requireFree();
    const reader = attach(stream);
    response.once('close', streamLimit.enter());
    this.#open.add(stream);
    response.once('close', () => this.#open.delete(stream));
    response.writeHead(200, EVENT_STREAM_HEADERS);
    response.write(openingFrame(retryMs(random)) + opening);
    stream.start(reader);
    /** A client that reconnects is authenticated again. */
    response.once(
      'close',
      whenRevoked(principal, () => stream.close()),
    );
  }

  close(): void {
    this.#stopBeating();
    for (const stream of this.#open) stream.close();
  }
}

/** Clients that were cut off together reconnect at different times. */
function retryMs(random: () => number): number {
  return RETRY_MIN_MS + random() * (RETRY_MAX_MS - RETRY_MIN_MS);
}
