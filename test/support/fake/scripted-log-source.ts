import type { LogStreamEvent } from '@launchlog/shared/event';
import type { LogEntry } from '@launchlog/shared/log-entry';
import type { LogStreamQueryInput } from '@launchlog/shared/log-query';
import type { LogStreamHandlers, LogStreamSource } from '@launchlog/sdk/stream/log-stream-source';

export const EPOCH = '0123456789abcdef';

interface OpenedStream {
  readonly nodeId: string;
  readonly query: LogStreamQueryInput;
  readonly handlers: LogStreamHandlers;
  closed: boolean;
}

/** A source that the test controls: it records the streams that are opened, and the test sends their events. */
export class ScriptedLogSource implements LogStreamSource {
  readonly streams: OpenedStream[] = [];
  #waiting: ((stream: OpenedStream) => void)[] = [];

  open(nodeId: string, query: LogStreamQueryInput, handlers: LogStreamHandlers): () => void {
    const stream: OpenedStream = { nodeId, query, handlers, closed: false };
    this.streams.push(stream);
    queueMicrotask(() => this.#waiting.shift()?.(stream));
    return () => {
      stream.closed = true;
    };
  }

  /** Resolves with the next stream that is opened. */
  next(): Promise<OpenedStream> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

export function entryOf(seq: number, message = `line ${seq}`): LogEntry {
  return {
    seq,
    timestamp: new Date(1_700_000_000_000 + seq).toISOString(),
    level: 'info',
    message,
    phase: 'provisioning',
    source: 'simulator',
  };
}

export function sendLog(stream: OpenedStream, seq: number, epoch = EPOCH): void {
  stream.handlers.onEvent(`${epoch}:${seq}`, { type: 'log', entry: entryOf(seq) });
}

export function sendDone(stream: OpenedStream, seq: number): void {
  const done: LogStreamEvent = { type: 'done', done: { status: 'active', message: 'ready' } };
  stream.handlers.onEvent(`${EPOCH}:${seq}:done`, done);
}
