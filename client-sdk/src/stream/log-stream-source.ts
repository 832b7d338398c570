import type { LogStreamEvent } from '@launchlog/shared/event';
import type { LogStreamQueryInput } from '@launchlog/shared/log-query';
import type { ConnectionState } from '../connection-state.js';

export type LogStreamHandlers = StreamHandlers<LogStreamEvent>;

export interface StreamHandlers<Event> {
  /** `cursor` is the reader's position after the event. */
  onEvent(cursor: string, event: Event): void;
  /**
   * The server refused or aborted this stream (a `LaunchlogApiError`), or the program's own part failed (anything else). No
   * other handler is called afterwards.
   */
  onError(error: unknown): void;
  /** The server ended this stream; it calls no other handler afterwards. */
  onEnd(): void;
  onConnection(state: ConnectionState): void;
}

/**
 * Delivers the events of logs. The source reconnects by itself: it resumes after the last cursor that it delivered, and
 * may deliver an event twice while it does so. It never calls a handler before `open` has returned or after the returned
 * function was called.
 */
export interface LogStreamSource {
  open(nodeId: string, query: LogStreamQueryInput, handlers: LogStreamHandlers): () => void;
}
