import type { LogStreamEvent } from '@launchlog/shared/event';
import type { FeedItem } from '../feed/feed-item.js';

/** The events of an item on the wire: an entry that changed phase or progress becomes two, with the same id. */
export function streamEvents(item: FeedItem): readonly LogStreamEvent[] {
  switch (item.kind) {
    case 'log': {
      const log: LogStreamEvent = { type: 'log', entry: item.record.entry };
      return item.status === undefined ? [log] : [log, { type: 'status', status: item.status }];
    }
    case 'status':
      return [{ type: 'status', status: item.status }];
    case 'gap':
      return [{ type: 'gap', gap: item.gap }];
    case 'reset':
      return [{ type: 'reset', reset: item.reset }];
    case 'notice':
      return [{ type: 'notice', notice: item.notice }];
    case 'done':
      return [{ type: 'done', done: item.done }];
  }
}
