import type { MergedLogEvent } from '@launchlog/shared/merged-log';
import type { MergedItem } from '../merged-feed/merged-item.js';
import { streamEvents } from './log-stream-event.js';

/** The events of an item on the wire: those of a single log's stream, with the node. */
export function mergedEvents(item: MergedItem): readonly MergedLogEvent[] {
  switch (item.kind) {
    case 'node':
      return streamEvents(item.item).map((event) => ({ ...event, nodeId: item.nodeId }));
    case 'notice':
      return [{ type: 'notice', notice: { code: item.code, message: item.message } }];
    case 'end':
      return [{ type: 'end', message: item.message }];
  }
}
