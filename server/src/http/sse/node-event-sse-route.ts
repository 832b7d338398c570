import { cursorSchema } from '@launchlog/shared/cursor';
import { nodeEventQuerySchema } from '@launchlog/shared/node-event';
import { parseField } from '../../edge/input-problem.js';
import type { NodeEventFeed, NodeEventStreamItem } from '../../node/event/node-event-feed.js';
import { readQuery } from '../query-params.js';
import { PumpedSseRoute, type PumpedSseRouteOptions } from './pumped-sse-route.js';
import { resumeCursorOf } from './resume-cursor.js';
import { frame } from './sse-frame.js';

interface NodeEventSseRouteOptions extends PumpedSseRouteOptions {
  readonly events: Pick<NodeEventFeed, 'follow'>;
}

const streamQuerySchema = nodeEventQuerySchema.pick({ cursor: true });

/** `GET /admin/nodes/{id}/events/stream`: the past events of a node, then the new ones. It has no end of its own. */
export function nodeEventSseRoute(options: NodeEventSseRouteOptions): PumpedSseRoute<NodeEventStreamItem> {
  const { events } = options;
  return new PumpedSseRoute(options, {
    route: 'GET /admin/nodes/{id}/events/stream',
    path: /^\/admin\/nodes\/([^/?]+)\/events\/stream(?:\?|$)/,
    render,
    read(incoming, params) {
      const query = readQuery(streamQuerySchema, params);
      const resumed = resumeCursorOf(incoming, params);
      const cursor =
        resumed === undefined ? query.cursor : parseField(resumed.name, cursorSchema, resumed.value);
      return (node) => (signal) => events.follow(node.id, cursor, signal);
    },
  });
}

function render({ cursor, item }: NodeEventStreamItem): string {
  switch (item.type) {
    case 'event':
      return frame('event', JSON.stringify(item.event), cursor);
    case 'reset':
      return frame('reset', JSON.stringify(item.reset));
    case 'notice':
      return frame('notice', JSON.stringify(item.notice));
  }
}
