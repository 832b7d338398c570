import type { LogStreamEvent, RuntimeLogEvent } from '@launchlog/shared/event';
import type { LogStreamQueryInput } from '@launchlog/shared/log-query';
import type { MergedLogEvent, MergedStreamQueryInput } from '@launchlog/shared/merged-log';
import type { NodeEventItem } from '@launchlog/shared/node-event';
import type { NodeWatchEvent } from '@launchlog/shared/node-watch';
import type { QueuedEvent } from '../stream/event-queue.js';
import type {
  ConnectionEvent,
  FollowEvent,
  FollowEventsOptions,
  FollowManyOptions,
  FollowOptions,
  MergedFollowEvent,
  NodeChange,
  NodeEventChange,
  RuntimeLogOptions,
  WatchNodesOptions,
} from '../follow-options.js';
import { startOf } from '../log-start.js';
import { checkStreamOptions } from '../option-check.js';
import { OpaquePosition } from '../stream/reader-position.js';
import { readLog } from '../stream/read-log.js';
import type { Subscription } from '../stream/stream-session.js';
import { StreamReader } from '../stream/stream-reader.js';
import type { ClientCore } from './client-core.js';
import { asLists } from '../one-or-many.js';

/** The known types of events, each once: a type that is added to the wire does not compile until it is here. */
function known<Event extends { readonly type: string }>(
  types: Readonly<Record<Event['type'], true>>,
): string[] {
  return Object.keys(types);
}

const LOG_EVENTS = known<LogStreamEvent>({
  log: true,
  status: true,
  gap: true,
  reset: true,
  notice: true,
  done: true,
});
const MERGED_EVENTS = known<MergedLogEvent>({
  log: true,
  status: true,
  gap: true,
  reset: true,
  notice: true,
  done: true,
  end: true,
});
const NODE_EVENTS = known<NodeWatchEvent>({
  snapshot: true,
  window: true,
  node: true,
  gone: true,
  notice: true,
});

const NODE_EVENT_ITEMS: readonly NodeEventItem['type'][] = ['event', 'reset', 'notice'];

export function followLog(
  core: ClientCore,
  nodeId: string,
  options: FollowOptions = {},
): AsyncIterable<FollowEvent | ConnectionEvent> {
  checkStreamOptions(options);
  const { signal, connectionEvents = false, ...query } = options;
  const { giveUpAfterMs, onUnknown } = core.settings;
  const request = {
    source: core.stream,
    nodeId,
    query: asLists<LogStreamQueryInput>(startOf(query)),
    connectionEvents,
    giveUpAfterMs,
    signal,
    known: { types: LOG_EVENTS, onUnknown },
  };
  return { [Symbol.asyncIterator]: () => readLog(request) };
}

export function followMany(
  core: ClientCore,
  target: { readonly path: 'logs.streamAll' | 'deployments.logsStream'; readonly input: object },
  options: FollowManyOptions = {},
): AsyncIterable<MergedFollowEvent> {
  checkStreamOptions(options);
  const { signal, ...query } = options;
  const input = asLists<MergedStreamQueryInput>(query);
  return read<MergedLogEvent>(core, {
    signal,
    types: MERGED_EVENTS,
    isLast: ({ type }) => type === 'end',
    after: (cursor) => ({
      path: target.path,
      input: { ...target.input, ...input, ...(cursor !== undefined && { cursor }) },
    }),
  });
}

export function watchNodes(core: ClientCore, options: WatchNodesOptions = {}): AsyncIterable<NodeChange> {
  checkStreamOptions(options);
  const { signal, ...query } = options;
  return read<NodeWatchEvent>(core, {
    signal,
    types: NODE_EVENTS,
    isLast: () => false,
    after: (lastEventId) => ({ path: 'nodes.watch', input: { ...asLists(query), lastEventId } }),
  });
}

export function followNodeEvents(
  core: ClientCore,
  nodeId: string,
  options: FollowEventsOptions = {},
): AsyncIterable<NodeEventChange> {
  checkStreamOptions(options);
  const { signal, cursor: begin } = options;
  return read<NodeEventItem>(core, {
    signal,
    types: NODE_EVENT_ITEMS,
    isLast: () => false,
    after: (cursor = begin) => ({
      path: 'nodes.eventsStream',
      input: { nodeId, ...(cursor !== undefined && { cursor }) },
    }),
  });
}

const RUNTIME_EVENTS = known<RuntimeLogEvent>({ line: true, done: true });

export function followRuntimeLogs(
  core: ClientCore,
  nodeId: string,
  options: RuntimeLogOptions = {},
): AsyncIterable<RuntimeLogEvent> {
  checkStreamOptions(options);
  const { signal, ...query } = options;
  return read<RuntimeLogEvent>(core, {
    signal,
    types: RUNTIME_EVENTS,
    isLast: ({ type }) => type === 'done',
    after: () => ({ path: 'nodes.runtimeLogs', input: { nodeId, ...query } }),
  });
}

interface Reading<Event> {
  readonly signal: AbortSignal | undefined;
  readonly types: readonly string[];
  readonly isLast: (event: Event) => boolean;
  /** The subscription that continues after a cursor. */
  readonly after: (cursor: string | undefined) => Subscription;
}

function read<Event extends QueuedEvent>(
  core: ClientCore,
  { signal, types, isLast, after }: Reading<Event>,
): AsyncIterable<Event & { readonly cursor: string }> {
  const { giveUpAfterMs, onUnknown } = core.settings;
  const createReader = () =>
    new StreamReader<Event>({
      open: (cursor, handlers) => core.stream.openStream(after(cursor), handlers),
      position: new OpaquePosition(),
      isLast,
      giveUpAfterMs,
      signal,
      known: { types, onUnknown },
    });
  return { [Symbol.asyncIterator]: () => createReader().iterate() };
}
