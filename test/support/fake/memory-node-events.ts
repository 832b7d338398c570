import { systemClock } from '@launchlog/server/clock';
import { NodeEventFeed } from '@launchlog/server/node/event/node-event-feed';
import type { NodeWatch } from '@launchlog/server/node/node-watch';
import type { NodeEventSlice, NodeEventStore } from '@launchlog/server/node/event/node-event-store';

export function memoryEventFeed(watch: Pick<NodeWatch, 'listen'>, maxAgeMs = 1_800_000): NodeEventFeed {
  return new NodeEventFeed({ store: new MemoryNodeEvents(), watch, clock: systemClock, maxAgeMs });
}

/** No events. */
class MemoryNodeEvents implements NodeEventStore {
  read(): Promise<NodeEventSlice> {
    return Promise.resolve({ epoch: undefined, newestSeq: 0, events: [] });
  }
}
