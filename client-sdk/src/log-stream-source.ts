import type { LogStreamEvent } from '@launchlog/shared/event';
import type { LogStreamQueryInput } from '@launchlog/shared/log-query';
import type { ConnectionState } from './connection-state.js';
import type { LaunchlogApiError } from './launchlog-api-error.js';

export type LogStreamHandlers = StreamHandlers<LogStreamEvent>;

export interface StreamHandlers<Event> {
  /** `cursor` is the reader's place after the event. */
  onEvent(cursor: string, event: Event): void;
  /** The server refused or broke off this stream; nothing more comes. */
  onError(error: LaunchlogApiError): void;
  /** The server has nothing more to send on this stream; nothing more comes. */
  onEnd(): void;
  onConnection(state: ConnectionState): void;
}

/**
 * Where a follower gets its events from. A lost connection is the source's business: it connects again and goes on
 * after the last cursor it handed over, and may hand over an event twice while doing so. It never calls a handler
 * before `open` returned, nor after the returned function was called.
 */
export interface LogStreamSource {
  open(nodeId: string, query: LogStreamQueryInput, handlers: LogStreamHandlers): () => void;
}
