import type { LogStreamEvent } from '@launchlog/shared/event';
import type { LogStreamQueryInput } from '@launchlog/shared/log-query';
import type { QueueLimits } from './event-queue.js';
import type { ConnectionEvent, FollowEvent } from '../follow-options.js';
import type { LogStreamSource } from './log-stream-source.js';
import { ReaderPosition } from './reader-position.js';
import { StreamReader } from './stream-reader.js';
import type { KnownEvents } from './stream-reader.js';

export interface FollowRequest {
  readonly source: LogStreamSource;
  readonly nodeId: string;
  readonly query: LogStreamQueryInput;
  readonly connectionEvents: boolean;
  readonly giveUpAfterMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly limits?: QueueLimits | undefined;
  readonly known: KnownEvents;
}

/** One reader of one log, until the log has ended. */
export function readLog(request: FollowRequest): AsyncIterator<FollowEvent | ConnectionEvent, void, void> {
  const { source, nodeId, query, connectionEvents, ...options } = request;
  return new StreamReader<LogStreamEvent, ConnectionEvent>({
    ...options,
    open: (cursor, handlers) =>
      source.open(nodeId, cursor === undefined ? query : { ...query, cursor }, handlers),
    position: new ReaderPosition(query.cursor),
    isLast: (event) => event.type === 'done',
    onConnection: connectionEvents ? (connection) => ({ type: 'connection', connection }) : undefined,
  }).iterate();
}
